import fc from 'fast-check'

/** How the bytes of a connection are sent, and how it ends. */
export type Behaviour = {
  /** Where the bytes are cut into parts that are sent one by one, as shares of all of them. */
  readonly cuts: readonly number[]
  /** Up to which share they are sent at all. */
  readonly upTo: number
  /** Reads nothing before everything is sent. */
  readonly isDeaf: boolean
  /** What the caller does then: says that this is all, vanishes, or does nothing more. */
  readonly then: 'half-close' | 'reset' | 'hold'
}

const share = fc.double({ min: 0, max: 1, noNaN: true })

export const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  cuts: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.array(share, { maxLength: 6 }).map((cuts) => cuts.toSorted((a, b) => a - b)),
  ),
  upTo: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, share),
  isDeaf: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  then: fc.oneof(
    { weight: 50, arbitrary: fc.constant('half-close' as const) },
    { weight: 6, arbitrary: fc.constant('reset' as const) },
    { weight: 1, arbitrary: fc.constant('hold' as const) },
  ),
})

import { authenticate, type Key, type Authentic } from '../../bundle/index.ts'
import type { Log } from '../log.ts'
import { takenOf, type Taken } from './judge.ts'
import type { Keep } from './keep.ts'
import type { Current } from './progress.ts'
import type { Fetched } from './pull.ts'

/** What was taken last: in memory, and in the state of the service if it has one. */
export type Taking = {
  readonly last: () => Taken | undefined
  /** Of what the source gave last. */
  readonly tag: () => string | undefined
  /** The bundle that the source gave last. */
  readonly bundle: () => Authentic | undefined
  readonly current: () => Current | undefined
  /** False when the state does not hold it; nothing when there is no state. */
  readonly isKept: () => boolean | undefined
  /** A bundle decides from now on. What can't be kept decides all the same. */
  readonly take: (fetched: Fetched) => Promise<void>
  /** The source gave again what was taken last. Tries once more to keep what could not be. */
  readonly again: (fetched?: Fetched) => Promise<void>
  /**
   * Remembers what was taken before the service started. The bundle is trusted no more than what a source gives: without one the
   * text says why. Rejects when the number is lost.
   */
  readonly remember: (keys: readonly Key[]) => Promise<Authentic | string>
  /** The kept bundle is what decides. */
  readonly start: (kept: Authentic) => void
}

export function taking(keep: Keep | undefined, log: Log, clock: () => number): Taking {
  let last: Taken | undefined
  let tag: string | undefined
  let given: Authentic | undefined
  let current: Current | undefined
  let unkept: Buffer | undefined

  async function tryToKeep(): Promise<void> {
    if (keep === undefined || unkept === undefined || last === undefined) return
    try {
      await keep.keep(unkept, last)
      unkept = undefined
    } catch (error) {
      log(`warning: bundle: number ${last.number} is not kept: ${(error as Error).message}`, {
        level: 'warn',
        event: 'bundle not kept',
      })
    }
  }

  function become(bundle: Authentic, origin: Current['origin']): void {
    given = bundle
    current = { ...takenOf(bundle), signedBy: bundle.signedBy, takenAt: clock(), origin }
  }

  return {
    last: () => last,
    tag: () => tag,
    bundle: () => given,
    current: () => current,
    isKept: () => keep && unkept === undefined,
    async take({ bundle, pulled }) {
      last = takenOf(bundle)
      tag = pulled.tag
      become(bundle, 'source')
      unkept = pulled.bytes
      await tryToKeep()
    },
    async again(fetched) {
      if (fetched) {
        tag = fetched.pulled.tag
        given = fetched.bundle
      }
      await tryToKeep()
    },
    async remember(keys) {
      if (keep === undefined) return 'nothing is kept without --state'
      const bytes = await keep.bytes().catch((error: unknown) => (error as Error).message)
      const opened =
        typeof bytes === 'object' ? authenticate(bytes, keys) : (bytes ?? 'none is kept')
      const bundle =
        typeof opened === 'object' && 'refused' in opened
          ? `the kept one fails: ${opened.refused}: ${opened.detail}`
          : opened
      last = await keep.taken().catch((error: unknown) => {
        if (typeof bundle === 'string') throw error
        log(`warning: bundle: ${(error as Error).message}; taken from the kept bundle instead`, {
          level: 'warn',
        })
        return undefined
      })
      if (typeof bundle === 'object') last ??= takenOf(bundle)
      return bundle
    },
    start: (kept) => become(kept, 'kept'),
  }
}

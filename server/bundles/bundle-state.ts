import { read, write, type Counters } from '../counters.ts'

/** What every listener can say of the bundles. */
export type BundleState = {
  /** Of the bundle that was taken last. */
  readonly number: number
  /** Whether the last pull gave one that is taken, or the one that already was. */
  readonly ok: boolean
  /** When one last did so, in milliseconds since 1970; 0 for never. */
  readonly lastSuccess: number
}

/** Writes it where all threads can read it; only the main thread, which pulls, may. */
export const writeBundleState = (
  { rows }: Counters,
  { number, ok, lastSuccess }: BundleState,
): void =>
  write(rows[0]!, {
    'bundle number': number,
    'bundle ok': ok ? 1 : 0,
    'bundle success ms': lastSuccess,
  })

/** How it was when it was last written; nothing where no bundles are pulled. */
export function bundleState({ rows }: Counters): BundleState | undefined {
  const row = rows[0]!
  const number = read(row, 'bundle number')
  return number === 0
    ? undefined
    : { number, ok: read(row, 'bundle ok') > 0, lastSuccess: read(row, 'bundle success ms') }
}

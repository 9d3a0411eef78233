import type { FactTable } from '../facts.ts'
import type { Assumption, ParsedSignIn } from '../sign-in.ts'
import { signInCompleter } from './completer.ts'
import { signInScanner, spareBytes } from './scanner.ts'

/** A sign-in that is written plainly, as `JSON.parse` and `signInParser` would read it; undefined for all that is not. */
export type ReadPlain = (
  text: string,
  now: number | undefined,
) => Exclude<ParsedSignIn, { readonly faults: readonly unknown[] }> | undefined

/** Longer texts are read the long way. */
const mostBytes = 16_384

/** The quick way to read sign-ins; property tests hold it to the long one. */
export function plainReader(
  table: FactTable,
  assumptions: readonly Assumption[],
  reads: ReadonlySet<string> | undefined,
): ReadPlain {
  const scan = signInScanner(table)
  const complete = signInCompleter(table, assumptions, reads)
  const bytes = new Uint8Array(mostBytes + spareBytes)
  const view = new DataView(bytes.buffer)
  const encoder = new TextEncoder()
  return (text, now) => {
    const { read, written } = encoder.encodeInto(text, bytes)
    if (read !== text.length || written > mostBytes) return undefined
    bytes[written] = 0 // nothing that stood here before may be read on into
    const scanned = scan(text, view, written)
    const completed = scanned && complete(scanned.given, now)
    return completed && { ...completed, envelope: scanned.envelope }
  }
}

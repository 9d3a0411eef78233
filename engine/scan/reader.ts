import type { FactTable } from '../facts.ts'
import type { Assumption, ParsedSignIn } from '../sign-in.ts'
import { signInCompleter } from './completer.ts'
import { signInScanner, spareBytes } from './scanner.ts'

/**
 * A sign-in that is written plainly, as text or as UTF-8, as `JSON.parse` and `signInParser` would read it; undefined for all that is
 * not.
 */
export type ReadPlain = (
  text: string | Uint8Array,
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
  const bytes = new Uint8Array(mostBytes + spareBytes)
  const scan = signInScanner(table, bytes)
  const complete = signInCompleter(table, assumptions, reads)
  const encoder = new TextEncoder()
  return (text, now) => {
    if (text.length > mostBytes) return undefined
    const { length } = text
    if (typeof text === 'string') {
      // A character is a byte, or the text is not plain.
      if (encoder.encodeInto(text, bytes).written !== length) return undefined
    } else bytes.set(text)
    bytes[length] = 0 // nothing that stood here before may be read on into
    const scanned = scan(length)
    const completed = scanned && complete(scanned.given, now)
    return completed && { ...completed, envelope: scanned.envelope }
  }
}

import type { BenchDocument } from './document.ts'
import schema from './document.schema.json' with { type: 'json' }
import { structureFault } from './structure.ts'

/** The document as JSON, for a file; `readDocument` reads it again. */
export const jsonReport = (document: BenchDocument): string =>
  `${JSON.stringify(document, null, 2)}\n`

/** A document that was written before. Throws with what is wrong with it, and where; `file` is what the user calls it. */
export function readDocument(text: string, file: string): BenchDocument {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`, { cause: error })
  }
  const fault = structureFault(value, schema)
  if (fault !== undefined)
    throw new Error(`${file} is not what portcullis bench --json writes: ${fault}`)
  return value as BenchDocument
}

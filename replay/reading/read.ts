import { csvReader } from './csv.ts'
import { documentReader } from './documents.ts'
import { formOf, headBytes, type Form } from './fingerprint.ts'
import { lineReader } from './lines.ts'
import type { OnRow, Reader, Row } from './row.ts'
import { encodingOf, inUtf8 } from './text.ts'

/** Reads a log whose form shows when enough of it has come. `form` is that, once it is known. */
export function logReader(onRow: OnRow): Reader & { readonly form: () => Form | undefined } {
  let head: Buffer[] = []
  let bytes = 0
  let form: Form | undefined
  let reader: Reader | undefined
  let decode: ((piece: Buffer) => Buffer) | undefined

  function begin(): void {
    const start = Buffer.concat(head)
    head = []
    const encoding = encodingOf(start)
    form = formOf(inUtf8(encoding)(start).toString('utf8'))
    if (form.form === 'none') return
    decode = inUtf8(encoding)
    reader =
      form.form === 'csv'
        ? csvReader(onRow, form.delimiter)
        : form.form === 'lines'
          ? lineReader(onRow)
          : documentReader(onRow)
    reader.write(decode(start))
  }

  return {
    form: () => form,
    write(piece) {
      if (form !== undefined) {
        if (decode !== undefined) reader?.write(decode(piece))
        return
      }
      head.push(piece)
      bytes += piece.length
      if (bytes >= headBytes) begin()
    },
    end() {
      if (form === undefined && bytes > 0) begin()
      reader?.end()
    },
  }
}

/** The rows of a log that is held as a text. */
export function rowsOf(text: string): readonly Row[] {
  const rows: Row[] = []
  const reader = logReader((row) => rows.push(row))
  reader.write(Buffer.from(text))
  reader.end()
  return rows
}

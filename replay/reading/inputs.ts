import { createReadStream, globSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Form } from './fingerprint.ts'
import { logReader } from './read.ts'
import type { OnRow } from './row.ts'

/** A log that can be read from its beginning as often as it takes. */
export type Input = {
  readonly name: string
  /** As it is stored, so packed where it is. */
  readonly bytes: number
  readonly open: () => Readable
}

const pieceBytes = 1_048_576

export const fileInput = (file: string): Input => ({
  name: file,
  bytes: statSync(file).size,
  open: () => createReadStream(file, { highWaterMark: pieceBytes }),
})

export const textInput = (name: string, text: string | Buffer): Input => ({
  name,
  bytes: Buffer.byteLength(text),
  open: () => Readable.from([Buffer.from(text)], { objectMode: false }),
})

/** The files of what was named: a file, a folder with all in it that is not hidden, or a pattern. In order, each once. */
export function filesOf(named: string): readonly string[] {
  const found = /[*?[{]/.test(named) ? globSync(named).sort() : [named]
  return found.flatMap((each) => {
    if (!statSync(each).isDirectory()) return [each]
    return readdirSync(each, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.split(/[/\\]/).some((part) => part.startsWith('.')))
      .map((name) => join(each, name))
      .filter((name) => statSync(name).isFile())
      .sort()
  })
}

/**
 * Reads a log, packed or not. `read` is told of the bytes of each piece, before it is unpacked. Resolves to the form that the log turned
 * out to have, undefined for an empty one; a packed log that is cut off has a last row that says so.
 */
export async function readInput(
  input: Input,
  onRow: OnRow,
  read: (bytes: number) => void = () => undefined,
): Promise<Form | undefined> {
  let last = 0
  const reader = logReader((row) => {
    last = row.number
    onRow(row)
  })
  const stream = input.open()
  let packed: ReturnType<typeof createGunzip> | undefined
  let isFirst = true
  let isWhole = true
  const unpack = async (pieces: AsyncIterable<Buffer>) => {
    try {
      for await (const piece of pieces) reader.write(piece)
    } catch {
      isWhole = false
    }
  }
  let unpacking: Promise<void> | undefined
  for await (const piece of stream as AsyncIterable<Buffer>) {
    read(piece.length)
    if (isFirst && piece[0] === 0x1f && piece[1] === 0x8b) {
      packed = createGunzip({ chunkSize: pieceBytes })
      unpacking = unpack(packed)
    }
    isFirst = false
    if (packed === undefined) reader.write(piece)
    else if (isWhole && !packed.write(piece))
      await new Promise<void>((resolve) => {
        packed!
          .once('drain', resolve)
          .once('error', () => resolve())
          .once('close', resolve)
      })
  }
  packed?.end()
  await unpacking
  reader.end()
  if (!isWhole)
    onRow({
      number: last + 1,
      unreadable: 'broken off: the packed file ends too soon, or is damaged',
    })
  return reader.form()
}

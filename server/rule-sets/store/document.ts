import { createHash } from 'node:crypto'
import type { PackSource } from '../../../engine/index.ts'

/**
 * A pack's texts as they are kept: a line of JSON that says which revision they are and the digest of what follows, and then the
 * texts as JSON. Its bytes are shared, so that threads hand it on at no cost.
 */
export type PackDocument = Uint8Array<SharedArrayBuffer>

type Head = { readonly v: 1; readonly revision: string; readonly digest: string }

const newline = 0x0a
const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export function printDocument(source: PackSource, revision: string): PackDocument {
  const body = Buffer.from(JSON.stringify(source))
  const head: Head = { v: 1, revision, digest: digestOf(body) }
  const first = Buffer.from(`${JSON.stringify(head)}\n`)
  const document = new Uint8Array(new SharedArrayBuffer(first.length + body.length))
  document.set(first)
  document.set(body, first.length)
  return document
}

/** The texts, or what is wrong with the document. They need not be those of a pack that is right. */
export function readDocument(
  document: Uint8Array,
  revision: string,
): { readonly source: PackSource } | { readonly damage: string } {
  const end = document.indexOf(newline)
  const head = headOf(Buffer.from(document.subarray(0, Math.max(end, 0))).toString())
  if (head === undefined) return { damage: 'its first line is not that of a kept pack' }
  if (head.revision !== revision) return { damage: `it is ${head.revision}` }
  const body = Buffer.from(document.subarray(end + 1))
  if (digestOf(body) !== head.digest) return { damage: 'its digest is not that of its bytes' }
  const source: unknown = JSON.parse(body.toString())
  return isSource(source) ? { source } : { damage: 'it does not hold the texts of a pack' }
}

function headOf(line: string): Head | undefined {
  try {
    const head = JSON.parse(line) as Partial<Head> | null
    return head?.v === 1 && typeof head.revision === 'string' && typeof head.digest === 'string'
      ? (head as Head)
      : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSource = (value: unknown): value is PackSource =>
  isObject(value) &&
  typeof value['name'] === 'string' &&
  typeof value['folder'] === 'string' &&
  isObject(value['files']) &&
  Object.values(value['files']).every((text) => typeof text === 'string') &&
  (value['base'] === undefined || isSource(value['base']))

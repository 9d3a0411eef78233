import { createHash } from 'node:crypto'
import { show, type PackSource } from '../engine/index.ts'
import { refuse, type Refused } from './refusal.ts'

/** What a payload holds. */
export type Contents = {
  /** Of the rule set, as it was when the bundle was made. */
  readonly revision: string
  /** The pack, and below `base` what it extends. */
  readonly source: PackSource
}

/** How it is written: each pack extends the next; files in the order of their paths. */
type Written = {
  readonly revision: string
  readonly attestation?: string
  readonly packs: readonly {
    readonly name: string
    readonly files: readonly {
      readonly path: string
      readonly digest: string
      readonly text: string
    }[]
  }[]
}

const [mostPacks, mostFiles] = [16, 50_000]
const isRevision = /^sha256:[0-9a-f]{64}$/
const isName = /^[\w-]{1,100}$/
/** Plain names below the folder of the pack: nothing hidden, nothing that leads elsewhere. */
const isPath = /^(?:[\w-][\w.-]{0,99}\/){0,3}[\w-][\w.-]{0,99}$/

export const digestOf = (bytes: Buffer | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** The payload of a pack: the same bytes on any machine, in any folder, at any time. */
export function printContents({ revision, source }: Contents): Buffer {
  const packs = chain(source).map(({ name, files }) => ({
    name,
    files: Object.entries(files)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, text]) => ({ path, digest: digestOf(text), text })),
  }))
  const { attestation } = source
  return printed({ revision, packs, ...(attestation !== undefined && { attestation }) })
}

/** A pack, what it extends, what that extends, … */
const chain = (source: PackSource): readonly PackSource[] =>
  source.base === undefined ? [source] : [source, ...chain(source.base)]

/** The files of each pack by size and digest, for people. */
export const listed = (source: PackSource) =>
  chain(source).map(({ name, files }) => ({
    name,
    files: Object.entries(files).map(([path, text]) => ({
      path,
      bytes: Buffer.byteLength(text),
      digest: digestOf(text),
    })),
  }))

const printed = ({ revision, packs, attestation }: Written) =>
  Buffer.from(`${JSON.stringify({ revision, packs, attestation })}\n`)

/** Reads a payload that is in that form and in no other; file by file it has the digests that it says. */
export function readContents(payload: Buffer): Contents | Refused {
  const written = parse(payload)
  if (typeof written === 'string') return refuse('contents', written)
  // Members twice, in another order or of other names, other escapes, anything behind: whatever is not in the one form.
  if (!printed(written).equals(payload))
    return refuse('contents', 'expected the JSON that `portcullis bundle create` writes, got other')
  for (const { name, files } of written.packs)
    for (const { path, digest, text } of files)
      if (digestOf(text) !== digest)
        return refuse('contents', `${name}/${path}: expected ${digest}, got ${digestOf(text)}`)
  const { attestation } = written
  const source = sourceOf(written.packs)!
  return {
    revision: written.revision,
    source: attestation === undefined ? source : { ...source, attestation },
  }
}

const sourceOf = ([first, ...bases]: Written['packs']): PackSource | undefined => {
  if (first === undefined) return undefined
  const base = sourceOf(bases)
  return {
    name: first.name,
    folder: first.name, // as faults name it
    files: Object.fromEntries(first.files.map(({ path, text }) => [path, text])),
    ...(base && { base }),
  }
}

/** A payload of the right shape, made of nothing but what it should have, or what is wrong. */
function parse(payload: Buffer): Written | string {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload))
  } catch {
    return 'expected JSON in UTF-8'
  }
  const { revision, packs, attestation } = membersOf(json)
  if (typeof revision !== 'string' || !isRevision.test(revision))
    return `/revision: expected sha256: and 64 hexadecimal digits, got ${show(revision)}`
  if (!Array.isArray(packs) || packs.length === 0 || packs.length > mostPacks)
    return `/packs: expected an array of 1 to ${mostPacks} packs, got ${show(packs)}`
  if (attestation !== undefined && typeof attestation !== 'string')
    return `/attestation: expected a text, got ${show(attestation)}`
  const read = packs.map(parsePack)
  const wrong = read.find((each) => typeof each === 'string')
  if (wrong !== undefined) return wrong
  const parsed = read.filter((each) => typeof each !== 'string')
  if (parsed.reduce((total, { files }) => total + files.length, 0) > mostFiles)
    return `expected at most ${mostFiles} files`
  return { revision, packs: parsed, ...(attestation !== undefined && { attestation }) }
}

function parsePack(json: unknown, index: number): Written['packs'][number] | string {
  const at = `/packs/${index}`
  const { name, files } = membersOf(json)
  if (typeof name !== 'string' || !isName.test(name))
    return `${at}/name: expected the name of a pack, got ${show(name)}`
  if (!Array.isArray(files)) return `${at}/files: expected an array, got ${show(files)}`
  const read: { path: string; digest: string; text: string }[] = []
  for (const [place, file] of files.entries()) {
    const { path, digest, text } = membersOf(file)
    if (typeof path !== 'string' || !isPath.test(path))
      return `${at}/files/${place}/path: expected a path below the pack's folder, got ${show(path)}`
    if (place > 0 && path <= read[place - 1]!.path)
      return `${at}/files/${place}/path: expected each path once, in order, got ${show(path)} after ${show(read[place - 1]!.path)}`
    if (typeof digest !== 'string' || typeof text !== 'string')
      return `${at}/files/${place}: expected path, digest and text`
    read.push({ path, digest, text })
  }
  return { name, files: read }
}

const membersOf = (json: unknown): Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {}

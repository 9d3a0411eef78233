import type { FactTable } from '../facts.ts'
import { mostMembers, parseMember, shapeOf, type FactValue, type Kind } from '../kinds.ts'
import { envelopeMembers, longestEnvelopeMember, membersByArea, type Envelope } from '../sign-in.ts'
import { lengthAt, literalOf, standsAt, type LengthAt, type Literal } from './literal.ts'
import { scanTime } from './time.ts'
import { wordFinder, type FindWord } from './words.ts'

/** What a text says, until the next scan: a value for each fact of the table in its order, undefined for those left out. */
export type Scanned = {
  readonly given: readonly (FactValue | undefined)[]
  readonly envelope: Envelope
}

/**
 * Reads a sign-in straight off its bytes, without the objects that JSON.parse makes, as long as it is written plainly: ASCII
 * without escapes, members that are known, each of them once, values that are right. For all else it is undefined, and
 * whoever asked reads the text the long way, which also tells what is wrong.
 *
 * The first `length` bytes are the text; the next is 0.
 */
export type Scan = (length: number) => Scanned | undefined

/** Bytes that must follow the longest text, since some are compared several at a time. */
export const spareBytes = 256

/** Members of an object. They mostly come in the order in which they came before, so that the next name is guessed. */
type Members = {
  readonly find: FindWord
  /** Of `"name":` */
  readonly nameAt: LengthAt
  readonly read: readonly (() => boolean)[]
  /** Which member followed which, last time; the first place is that of the first. */
  readonly next: Int32Array
}

/** Ids whose parsed form is remembered, by kind: equal ones are then one string, and cheap to compare. */
const mostRemembered = 4_096

/** `bytes` are read anew with each scan, and have `spareBytes` at their end. */
export function signInScanner(table: FactTable, bytes: Uint8Array): Scan {
  const names = Object.keys(table)
  const given: (FactValue | undefined)[] = names.map(() => undefined)
  let envelope: Record<string, string> = {}

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Where the scan stands, and the string that it read last.
  let at = 0
  let start = 0
  let end = 0

  const readers = Object.values(table).map(({ kind, origin }) =>
    origin.by === 'engine' ? () => undefined : readerOf(kind),
  )
  let areasSeen = 0
  const areas = membersByArea(table)
  const whole = membersOf(
    [...areas.keys(), 'envelope'],
    [
      ...[...areas.values()].map((area) => {
        if (typeof area === 'string') return factReader(names.indexOf(area))
        const facts = [...area.values()].map((fact) => factReader(names.indexOf(fact)))
        const members = membersOf([...area.keys()], facts)
        return () => readObject(members)
      }),
      envelopeReader(),
    ].map((read, area) => () => {
      if ((areasSeen & (1 << area)) !== 0) return false
      areasSeen |= 1 << area
      return read()
    }),
  )

  return (length) => {
    at = 0
    areasSeen = 0
    envelope = {}
    given.fill(undefined)
    if (!readObject(whole)) return undefined
    skipBlanks()
    return at === length ? { given, envelope } : undefined
  }

  function factReader(fact: number): () => boolean {
    const read = readers[fact]!
    return () => {
      if (given[fact] !== undefined) return false
      given[fact] = read()
      return given[fact] !== undefined
    }
  }

  function envelopeReader(): () => boolean {
    const members = membersOf(
      envelopeMembers,
      envelopeMembers.map((name) => () => {
        if (envelope[name] !== undefined || !readString()) return false
        envelope[name] = spelt()
        return end - start <= longestEnvelopeMember
      }),
    )
    return () => readObject(members)
  }

  function membersOf(names: readonly string[], read: readonly (() => boolean)[]): Members {
    return {
      find: wordFinder(names),
      nameAt: lengthAt(names.map((name) => `"${name}":`)),
      read,
      next: new Int32Array(names.length + 1),
    }
  }

  function readObject({ find, nameAt, read, next }: Members): boolean {
    if (!take(0x7b)) return false // {
    if (take(0x7d)) return true // }
    for (let before = 0; ;) {
      let member = next[before]!
      const length = nameAt(member, view, at)
      if (length > 0) at += length
      else {
        if (!readString() || !take(0x3a)) return false // :
        member = find(bytes, start, end)
        if (member < 0) return false
        next[before] = member
      }
      if (!read[member]!()) return false
      before = member + 1
      if (bytes[at]! <= 0x20) skipBlanks()
      const byte = bytes[at++]
      if (byte !== 0x2c) return byte === 0x7d // , or }
    }
  }

  function readerOf(kind: Kind): () => FactValue | undefined {
    const read = memberReaderOf(kind)
    if (shapeOf(kind).depth === 0) return read
    return () => {
      if (!take(0x5b)) return undefined // [
      const members: FactValue[] = []
      if (take(0x5d)) return members as readonly string[] // ]
      for (;;) {
        const member = read()
        if (member === undefined || members.length === mostMembers) return undefined
        members.push(member)
        if (take(0x5d)) return members as readonly string[]
        if (!take(0x2c)) return undefined
      }
    }
  }

  /** What is not read right here is left to the kind's own parser, or to the long way. */
  function memberReaderOf(kind: Kind): () => FactValue | undefined {
    switch (kind.kind) {
      case 'flag':
        return readFlag
      case 'integer':
        return () => parsed(kind, readNatural())
      case 'timestamp':
        return readTime(kind)
      case 'timestampOrNever': {
        const time = readTime(kind)
        return () => (takeWord('null') ? null : time())
      }
      case 'oneOf':
      case 'someOf':
        return readWord(kind, kind.values)
      case 'id':
      case 'ids':
        return readId(kind)
    }
  }

  function readFlag(): boolean | undefined {
    if (bytes[at]! <= 0x20) skipBlanks()
    const length = flagAt(0, view, at) || flagAt(1, view, at)
    at += length
    return length === 0 ? undefined : length === 4
  }

  function readTime(kind: Kind): () => FactValue | undefined {
    return () => {
      if (!readString()) return undefined
      return scanTime(bytes, start, end) ?? parsed(kind, spelt())
    }
  }

  /** One of some words; what it was last time is looked for first. */
  function readWord(kind: Kind, words: readonly string[]): () => FactValue | undefined {
    const find = wordFinder(words)
    const wordAt = lengthAt(words.map((word) => JSON.stringify(word)))
    let guess = 0
    return () => {
      const length = wordAt(guess, view, at)
      if (length > 0) {
        at += length
        return words[guess]
      }
      if (!readString()) return undefined
      const found = find(bytes, start, end)
      if (found < 0) return parsed(kind, spelt())
      guess = found
      return words[found]
    }
  }

  function readId(kind: Kind): () => FactValue | undefined {
    const known = new Map<string, { readonly value: FactValue; readonly literal: Literal }>()
    let guess: { readonly value: FactValue; readonly literal: Literal } | undefined
    return () => {
      if (guess !== undefined && takeLiteral(guess.literal)) return guess.value
      if (!readString()) return undefined
      const written = spelt()
      guess = known.get(written)
      if (guess !== undefined) return guess.value
      const value = parsed(kind, written)
      if (value === undefined) return undefined
      guess = { value, literal: literalOf(JSON.stringify(written))! }
      if (known.size === mostRemembered) known.clear()
      known.set(written, guess)
      return value
    }
  }

  /** Digits as JSON writes a whole number that is not negative; what makes another number of it ends the scan later. */
  function readNatural(): number | undefined {
    skipBlanks()
    const first = bytes[at]!
    if (!(first >= 0x30 && first <= 0x39)) return undefined
    let value = 0
    let digits = 0
    for (let digit = first; digit >= 0x30 && digit <= 0x39; digit = bytes[++at]!) {
      value = value * 10 + (digit - 0x30)
      digits++
    }
    return digits > 15 || (first === 0x30 && digits > 1) ? undefined : value
  }

  /** Without its quotes, from `start` to `end`. */
  function readString(): boolean {
    if (!take(0x22)) return false
    start = at
    for (let byte = bytes[at]!; byte !== 0x22; byte = bytes[++at]!)
      if (!(byte >= 0x20 && byte < 0x7f) || byte === 0x5c) return false
    end = at++
    return true
  }

  /** The string that was read last; in ASCII every byte is a character. */
  function spelt(): string {
    let text = ''
    for (let place = start; place < end; place++) text += String.fromCharCode(bytes[place]!)
    return text
  }

  /** Passes over blanks, and over this byte if it is the next. */
  function take(byte: number): boolean {
    if (bytes[at]! <= 0x20) skipBlanks()
    if (bytes[at] !== byte) return false
    at++
    return true
  }

  function takeLiteral(literal: Literal | undefined): boolean {
    if (literal === undefined || !standsAt(literal, view, at)) return false
    at += literal.length
    return true
  }

  function takeWord(word: string): boolean {
    if (bytes[at]! <= 0x20) skipBlanks()
    for (let place = 0; place < word.length; place++)
      if (bytes[at + place] !== word.charCodeAt(place)) return false
    at += word.length
    return true
  }

  function skipBlanks(): void {
    for (
      let byte = bytes[at];
      byte === 0x20 || (byte! >= 0x09 && byte! <= 0x0d);
      byte = bytes[at]
    ) {
      if (byte === 0x0b || byte === 0x0c) return
      at++
    }
  }
}

const flagAt = lengthAt(['true', 'false'])

const parsed = (kind: Kind, input: unknown): FactValue | undefined =>
  input === undefined ? undefined : parseMember(kind, input)

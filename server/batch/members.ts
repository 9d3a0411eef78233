import { nextTurn } from './turns.ts'

/** Bytes after which the rest waits for another turn of the event loop: some two milliseconds' worth. */
const bytesATurn = 1_048_576

const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/** Of an array: how many members it has, and those of them that were asked for. */
export type Members = { readonly count: number; readonly members: readonly Uint8Array[] }

/**
 * The members of a JSON array as bytes, but at most `most`; undefined when the body is no array. They are not parsed and printed
 * again, which would change them (`1e999` would become `null`): whether each is JSON, in UTF-8, shows when it is decided. Bytes
 * are as good as characters here: in UTF-8, what has a meaning to JSON is no part of another character.
 */
export async function membersOf(body: Uint8Array, most: number): Promise<Members | undefined> {
  const first = afterBlanks(body, 0)
  if (body[first] !== openBracket) return undefined
  const members: Uint8Array[] = []
  let count = 0
  let depth = 0
  let start = first + 1
  const take = (end: number) => {
    if (count++ < most) members.push(body.subarray(start, end))
  }
  let turn = start + bytesATurn
  for (let at = start; at < body.length;) {
    const byte = body[at++]!
    if (byte === quote) at = afterString(body, at)
    else if (byte === openBrace || byte === openBracket) depth++
    else if (byte === closeBrace) {
      if (--depth < 0) return undefined
    } else if (byte === comma) {
      if (depth === 0) {
        take(at - 1)
        start = at
      }
    } else if (byte === closeBracket && --depth < 0) {
      if (count > 0 || afterBlanks(body, start) < at - 1) take(at - 1)
      return afterBlanks(body, at) === body.length ? { count, members } : undefined
    }
    if (at >= turn) {
      turn = at + bytesATurn
      await nextTurn()
    }
  }
  return undefined
}

/**
 * What are probably the members of a JSON array of objects, found several times as quickly: the array is cut wherever there
 * stands what stands between its first two members. By the grammar these are the members if each of them is JSON, which whoever
 * goes by them has to see to. Undefined for what is not written like that, or has more than `most`.
 */
export function likelyMembersOf(body: Uint8Array, most: number): readonly Uint8Array[] | undefined {
  const open = afterBlanks(body, 0)
  let close = body.length - 1
  while (close > open && isBlank(body[close]!)) close--
  if (body[open] !== openBracket || body[close] !== closeBracket) return undefined
  const end = afterObject(body, afterBlanks(body, open + 1))
  const separator = afterBlanks(body, end)
  const next = afterBlanks(body, separator + 1)
  if (body[separator] !== comma || body[next] !== openBrace) return undefined
  const text = Buffer.from(body.buffer, body.byteOffset, close)
  const between = text.subarray(end - 1, next + 1) // `},{`, and blanks
  const members: Uint8Array[] = []
  let start = open + 1
  for (let at = end - 1; at >= 0; at = text.indexOf(between, start)) {
    if (members.length === most) return undefined
    const stop = at + separator - (end - 1)
    members.push(body.subarray(start, stop))
    start = stop + 1
  }
  members.push(body.subarray(start, close))
  return members.length > most ? undefined : members
}

/** Place after the object that starts at `at`; the end of the body when none does, or it does not end soon. */
function afterObject(body: Uint8Array, at: number): number {
  const soon = Math.min(body.length, at + bytesATurn)
  if (body[at] !== openBrace) return body.length
  for (let depth = 0; at < soon;) {
    const byte = body[at++]
    if (byte === quote) at = afterString(body, at)
    else if (byte === openBrace) depth++
    else if (byte === closeBrace && --depth === 0) return at
  }
  return body.length
}

/** Place after the quote that ends the string whose first byte stands at `at`; beyond the body when it does not end. */
function afterString(body: Uint8Array, at: number): number {
  for (; at < body.length; at++) {
    const byte = body[at]
    if (byte === quote) return at + 1
    if (byte === backslash) at++
  }
  return at
}

/** Place of the first byte from `at` on that JSON does not take for white space. */
export function afterBlanks(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && isBlank(bytes[at]!)) at++
  return at
}

const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

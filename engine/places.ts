import { pointerTo, type Location } from './fault.ts'
import { nextStructural } from './structure.ts'

type Span = { readonly from: number; readonly to: number }
type Member = Span & { readonly name?: Span }

/**
 * Finds where values stand in a text that is JSON, by pointer, and with `'name'` the member name before them; unknown pointers give the
 * nearest parent. Only what is asked for is looked into, each object and array once.
 */
export function placesIn(
  file: string,
  text: string,
): (pointer: string, part?: 'name' | 'value') => Location {
  const inside = new Map<string, ReadonlyMap<string, Member>>()
  const whole: Span = trimmed(text, 0, text.length)
  let lines: readonly number[] | undefined

  return (pointer, part = 'value') => {
    let [at, found]: [string, Member] = ['', whole]
    for (const token of pointer.split('/').slice(1)) {
      const member = membersOf(at, found).get(token)
      if (member === undefined) return location(found)
      at += `/${token}`
      found = member
    }
    return location((part === 'name' && found.name) || found)
  }

  function membersOf(pointer: string, span: Span): ReadonlyMap<string, Member> {
    let members = inside.get(pointer)
    if (members === undefined) inside.set(pointer, (members = membersIn(text, span)))
    return members
  }

  function location({ from, to }: Span): Location {
    lines ??= lineStarts(text)
    const line = lineOf(lines, from)
    const length = line === lineOf(lines, to) ? Math.max(1, to - from) : 1
    return { file, line: line + 1, column: from - lines[line]! + 1, length }
  }
}

/** What an object or an array has in it, by pointer token. */
function membersIn(text: string, { from, to }: Span): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>()
  const isArray = text[from] === '['
  if (!isArray && text[from] !== '{') return members
  let [depth, start] = [0, from + 1]
  let name: Span | undefined
  for (let at = from; at >= 0 && at < to; at = nextStructural(text, at + 1)) {
    const char = text[at]
    if (char === '[' || char === '{') depth++
    else if (char === ':') {
      if (depth > 1) continue
      name = trimmed(text, start, at)
      start = at + 1
    } else {
      if (char !== ',') depth--
      if (depth > (char === ',' ? 1 : 0)) continue
      const value = trimmed(text, start, at)
      if (isArray && value.from < value.to) members.set(String(members.size), value)
      else if (name) members.set(tokenOf(text.slice(name.from, name.to)), { ...value, name })
      start = at + 1
    }
  }
  return members
}

/** The name as a pointer has it. */
const tokenOf = (name: string): string => pointerTo('', JSON.parse(name) as string).slice(1)

function trimmed(text: string, from: number, to: number): Span {
  while (from < to && isSpace(text.charCodeAt(from))) from++
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--
  return { from, to }
}

const isSpace = (char: number): boolean =>
  char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09

/** Where lines start, which end with a line feed, a carriage return, or both. */
function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (const end of text.matchAll(/\r\n|\r|\n/g)) starts.push(end.index + end[0].length)
  return starts
}

/** The last line that starts there or before, from 0. */
function lineOf(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= place) low = middle
    else high = middle
  }
  return low
}

import { parse, type DocumentNode, type ValueNode } from '@humanwhocodes/momoa'
import { pointerTo, show, type Fault, type Location } from './fault.ts'
import { placesIn } from './places.ts'
import { nextStructural } from './structure.ts'
import { syntaxFault } from './syntax-fault.ts'

/** A JSON document that remembers where everything in it stands. */
export type Source = {
  readonly file: string
  readonly value: unknown
  /** Where a value stands, or with `'name'` the member name before it; unknown pointers give the nearest parent. */
  readonly locate: (pointer: string, part?: 'name' | 'value') => Location
}

const deepest = 64

/**
 * Reads one JSON text; duplicate member names and nesting deeper than 64 are faults, beside bad syntax. What is wrong
 * is told by a second parser, which takes many times as long.
 */
export function readSource(
  file: string,
  given: string,
): Source | { readonly faults: readonly Fault[] } {
  const text = given.startsWith('\uFEFF') ? given.slice(1) : given
  const { depth, colons } = shapeOf(text)
  if (depth > deepest) {
    const at = { file, line: 1, column: 1, length: 1 }
    return { faults: [{ pointer: '', expected: `nesting of at most ${deepest}`, got: 'more', at }] }
  }
  const value = valueOf(text)
  if (value === undefined || membersIn(value) < colons) return { faults: faultsIn(file, text) }
  return { file, value, locate: placesIn(file, text) }
}

/** What is wrong with a text that is not JSON, or gives a member twice. */
function faultsIn(file: string, text: string): readonly Fault[] {
  let document: DocumentNode
  try {
    document = parse(text)
  } catch (error) {
    return [syntaxFault(file, text, error)]
  }
  const faults: Fault[] = []
  walk(document.body, '')
  if (faults.length === 0) throw new TypeError(`${file}: one parser takes what the other does not`)
  return faults

  function walk(node: ValueNode, pointer: string): void {
    if (node.type === 'Array')
      node.elements.forEach(({ value }, index) => walk(value, pointerTo(pointer, index)))
    if (node.type !== 'Object') return
    const seen = new Set<string>()
    for (const { name, value } of node.members) {
      const key = name.type === 'String' ? name.value : name.name
      const at = pointerTo(pointer, key)
      if (seen.has(key))
        faults.push({
          pointer: at,
          expected: 'each member once',
          got: `${show(key)} again`,
          at: place(file, name.loc),
        })
      seen.add(key)
      walk(value, at)
    }
  }
}

/** Stands for a file that is not there. */
export const emptySource = (file: string): Source => ({
  file,
  value: {},
  locate: () => ({ file, line: 1, column: 1, length: 1 }),
})

type Span = {
  readonly start: { readonly line: number; readonly column: number }
  readonly end: { readonly line: number; readonly column: number }
}

function place(file: string, { start, end }: Span): Location {
  const length = start.line === end.line ? Math.max(1, end.column - start.column) : 1
  return { file, line: start.line, column: start.column, length }
}

/** How deep a text is nested, since both parsers recurse, and how many members its objects are given. */
function shapeOf(text: string): { readonly depth: number; readonly colons: number } {
  let [depth, most, colons] = [0, 0, 0]
  for (let at = nextStructural(text, 0); at >= 0; at = nextStructural(text, at + 1)) {
    const char = text[at]
    if (char === '[' || char === '{') most = Math.max(most, ++depth)
    else if (char === ']' || char === '}') depth--
    else if (char === ':') colons++
  }
  return { depth: most, colons }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Fewer than the text gives where one of them is given twice. */
function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const members = Object.values(value) as readonly unknown[]
  const own = Array.isArray(value) ? 0 : members.length
  return members.reduce((sum: number, each) => sum + membersIn(each), own)
}

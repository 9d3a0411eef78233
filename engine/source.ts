import { parse, type DocumentNode, type ValueNode } from '@humanwhocodes/momoa'
import { pointerTo, show, type Fault, type Location } from './fault.ts'
import { nextStructural } from './structure.ts'

/** A JSON document that remembers where everything in it stands. */
export type Source = {
  readonly file: string
  readonly value: unknown
  /** Where a value stands, or with `'name'` the member name before it; unknown pointers give the nearest parent. */
  readonly locate: (pointer: string, part?: 'name' | 'value') => Location
}

const deepest = 64

/** Reads one JSON text; duplicate member names and nesting deeper than 64 are faults, beside bad syntax. */
export function readSource(
  file: string,
  text: string,
): Source | { readonly faults: readonly Fault[] } {
  let document: DocumentNode
  try {
    if (nestedDeeperThan(deepest, text)) {
      const at = { file, line: 1, column: 1, length: 1 }
      return {
        faults: [{ pointer: '', expected: `nesting of at most ${deepest}`, got: 'more', at }],
      }
    }
    document = parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
  } catch (error) {
    return { faults: [syntaxFault(file, error)] }
  }

  const faults: Fault[] = []
  const places = new Map<string, { readonly name?: Location; readonly value: Location }>()
  const value = walk(document.body, '', undefined)
  if (faults.length > 0) return { faults }

  return {
    file,
    value,
    locate(pointer, part = 'value') {
      for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
        const place = places.get(at)
        if (place !== undefined)
          return (part === 'name' && at === pointer && place.name) || place.value
      }
    },
  }

  function walk(node: ValueNode, pointer: string, name: Location | undefined): unknown {
    places.set(pointer, { value: place(file, node.loc), ...(name && { name }) })
    switch (node.type) {
      case 'Object': {
        const members = new Map<string, unknown>()
        for (const member of node.members) {
          const key = member.name.type === 'String' ? member.name.value : member.name.name
          const at = pointerTo(pointer, key)
          const where = place(file, member.name.loc)
          if (members.has(key))
            faults.push({
              pointer: at,
              expected: 'each member once',
              got: `${show(key)} again`,
              at: where,
            })
          members.set(key, walk(member.value, at, where))
        }
        return Object.fromEntries(members)
      }
      case 'Array':
        return node.elements.map((element, index) =>
          walk(element.value, pointerTo(pointer, index), undefined),
        )
      case 'Null':
        return null
      case 'String':
      case 'Number':
      case 'Boolean':
        return node.value
      default:
        throw new TypeError(`no such JSON: ${node.type}`)
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

/** The parser recurses and has no limit of its own. */
function nestedDeeperThan(limit: number, text: string): boolean {
  let depth = 0
  for (let at = nextStructural(text, 0); at >= 0; at = nextStructural(text, at + 1)) {
    const char = text[at]
    if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') depth--
    if (depth > limit) return true
  }
  return false
}

function syntaxFault(file: string, error: unknown): Fault {
  const { message, line, column } = error as Error & { line?: number; column?: number }
  return {
    pointer: '',
    expected: 'JSON',
    got: message
      .replace(/ ?\(\d+:\d+\)$/, '')
      .replace(/\.$/, '')
      .toLowerCase(),
    at: { file, line: line ?? 1, column: column ?? 1, length: 1 },
  }
}

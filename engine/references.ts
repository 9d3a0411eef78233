import { comparisonsOf, referencesOf, type Condition } from './condition.ts'
import type { Definition } from './layer.ts'

const deepestReference = 64
const mostComparisons = 100_000

/**
 * A shared condition that leads back to itself would never be decided (json-rules-engine would run out of memory); one
 * that refers to others in a long chain, or twice to each of them, would take for ever.
 */
export function boundReferences(
  shared: Readonly<Record<string, Condition>>,
  definitions: ReadonlyMap<string, Definition>,
): void {
  /** Comparisons in a condition with all that it refers to, and how deep it refers. */
  const extents = new Map<string, { readonly size: number; readonly depth: number }>()
  const open: string[] = []
  const complain = (name: string, expected: string, got: string) => {
    const { reader, pointer } = definitions.get(name)!
    reader.fault(pointer, expected, got, { said: true, part: 'name' })
  }
  const extentOf = (name: string): { readonly size: number; readonly depth: number } => {
    const known = extents.get(name)
    if (known !== undefined) return known
    if (!Object.hasOwn(shared, name)) return { size: 0, depth: 0 }
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].join(' → ')
      complain(name, 'a condition that does not lead back to itself', circle)
      return { size: 0, depth: 0 }
    }
    const tooDeep = () =>
      complain(name, `conditions that refer to each other at most ${deepestReference} deep`, 'more')
    if (open.length > deepestReference) {
      tooDeep()
      return { size: 0, depth: 0 }
    }
    open.push(name)
    const below = [...referencesOf(shared[name]!)].map(extentOf)
    open.pop()
    const size = below.reduce(
      (sum, each) => sum + each.size,
      [...comparisonsOf(shared[name]!)].length,
    )
    const depth = 1 + Math.max(0, ...below.map((each) => each.depth))
    if (size > mostComparisons)
      complain(
        name,
        `at most ${mostComparisons} comparisons with all that it refers to`,
        String(size),
      )
    if (depth > deepestReference) tooDeep()
    // What has been complained about is not held against those that refer to it too.
    const extent = {
      size: size > mostComparisons ? 0 : size,
      depth: depth > deepestReference ? 0 : depth,
    }
    extents.set(name, extent)
    return extent
  }
  for (const name of Object.keys(shared)) extentOf(name)
}

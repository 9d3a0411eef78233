import type { Formula } from './formula.ts'
import type { Literal } from './solver.ts'

/** That one whole number is at most so much greater than another: `x − y ≤ most`. Number 0 is always zero. */
export type Difference = { readonly x: number; readonly y: number; readonly most: number }

/** Both ends included; `usual` is what is tried first. */
export type Range = {
  readonly min: number
  readonly max: number
  readonly usual: number
  /** What it comes to by those before it, where clauses compute it of them: it is tried instead. */
  readonly follows?: (numbers: readonly number[]) => number
}

type Bound = { readonly most: number; readonly literal: Literal }
/** Two numbers, x < y, with the bounds on their difference, from the least on. */
type Pair = { readonly x: number; readonly y: number; readonly row: Bound[] }
type Edge = Difference & { readonly literal?: Literal }

/**
 * Whole numbers of which only differences matter, such as times: the literals that stand for bounds on them, and the theory
 * that tells which of those can not hold together (difference logic; a cycle of bounds that sums up to less than nothing).
 */
export function differences(formula: Formula) {
  const ranges: Range[] = [{ min: 0, max: 0, usual: 0 }]
  const bounds = new Map<string, Pair>() // by pair
  const meanings = new Map<Literal, Difference>()

  return { number, atMost, contradiction, suggestions, values, ranges, meanings }

  function number(range: Range): number {
    return ranges.push(range) - 1
  }

  /** The literal for `x − y ≤ most`. */
  function atMost(x: number, y: number, most: number): Literal {
    if (x === y) return formula.truth(most >= 0)
    if (x > y) return -atMost(y, x, -most - 1)
    if (most >= ranges[x]!.max - ranges[y]!.min) return formula.always
    if (most < ranges[x]!.min - ranges[y]!.max) return -formula.always
    const key = `${x} ${y}`
    let pair = bounds.get(key)
    if (pair === undefined) bounds.set(key, (pair = { x, y, row: [] }))
    const { row } = pair
    const place = lowest(row, (bound) => bound.most >= most)
    const there = row[place]
    if (there?.most === most) return there.literal
    const literal = formula.bound()
    meanings.set(literal, { x, y, most })
    formula.prefer(ranges[x]!.usual - ranges[y]!.usual <= most ? literal : -literal)
    const [below, above] = [row[place - 1], there]
    if (below) formula.add([-below.literal, literal])
    if (above) formula.add([-literal, above.literal])
    row.splice(place, 0, { most, literal })
    return literal
  }

  /** The bounds that an assignment of all literals sets: of each pair the two narrowest. */
  function edgesOf(isTrue: (literal: Literal) => boolean): readonly Edge[] {
    const edges: Edge[] = ranges.flatMap(({ min, max }, x) =>
      x === 0
        ? []
        : [
            { x, y: 0, most: max },
            { x: 0, y: x, most: -min },
          ],
    )
    for (const { x, y, row } of bounds.values()) {
      const yes = row[lowest(row, ({ literal }) => isTrue(literal))]
      const no = row[lowest(row, ({ literal }) => !isTrue(-literal)) - 1]
      if (yes) edges.push({ x, y, ...yes })
      if (no) edges.push({ x: y, y: x, most: -no.most - 1, literal: -no.literal })
    }
    return edges
  }

  /** A clause that the assignment breaks though every choice of numbers meets it; undefined when there are such numbers (Bellman and Ford). */
  function contradiction(isTrue: (literal: Literal) => boolean): readonly Literal[] | undefined {
    const edges = edgesOf(isTrue)
    const distance = ranges.map(() => 0)
    const via: (Edge | undefined)[] = ranges.map(() => undefined)
    let last: number | undefined
    for (let round = 0; round <= ranges.length; round++) {
      last = undefined
      for (const edge of edges) {
        if (distance[edge.y]! + edge.most >= distance[edge.x]!) continue
        distance[edge.x] = distance[edge.y]! + edge.most
        via[edge.x] = edge
        last = edge.x
      }
      if (last === undefined) return undefined
    }
    let at = last!
    for (let step = 0; step < ranges.length; step++) at = via[at]!.y
    const clause: Literal[] = []
    const start = at
    do {
      const edge = via[at]!
      if (edge.literal !== undefined) clause.push(-edge.literal)
      at = edge.y
    } while (at !== start)
    return clause
  }

  /** Whether numbers that keep to the bounds set so far would meet a bound. */
  function suggestions(isTrue: (literal: Literal) => boolean): (literal: Literal) => boolean {
    const numbers = values(isTrue)
    return (literal) => {
      const { x, y, most } = meanings.get(literal)!
      return numbers[x]! - numbers[y]! <= most
    }
  }

  /** Numbers that keep to the bounds, each as near to the usual one as those before it allow. */
  function values(isTrue: (literal: Literal) => boolean): readonly number[] {
    const most = ranges.map((_, x) =>
      Float64Array.from(ranges, (__, y) => (x === y ? 0 : Infinity)),
    )
    const tighten = ({ x, y, most: bound }: Difference) => {
      const onward = most[y]!
      if (most[x]![y]! <= bound) return // it follows from those before it
      for (const row of most) {
        const through = row[x]! + bound
        if (through === Infinity) continue
        for (let b = 0; b < row.length; b++)
          if (through + onward[b]! < row[b]!) row[b] = through + onward[b]!
      }
    }
    edgesOf(isTrue).forEach(tighten)
    const numbers: number[] = []
    for (const [x, { usual, follows }] of ranges.entries()) {
      const wanted = follows === undefined ? usual : follows(numbers)
      const value = Math.min(most[x]![0]!, Math.max(-most[0]![x]!, wanted))
      tighten({ x, y: 0, most: value })
      tighten({ x: 0, y: x, most: -value })
      numbers.push(value)
    }
    return numbers
  }
}

/** The first place from which on it holds, in a row where it holds from some place on. */
function lowest(row: readonly Bound[], holds: (bound: Bound) => boolean): number {
  let [low, high] = [0, row.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(row[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

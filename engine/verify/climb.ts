import { evaluator } from '../compile/evaluate.ts'
import { membersOf, termsIn, type Term } from '../compile/term.ts'
import { isReference } from '../constant.ts'
import { changed, type Change } from '../explain/changes.ts'
import type { FactTable, SignIn } from '../facts.ts'
import type { FactValue } from '../kinds.ts'
import { near } from '../told-apart.ts'
import { constantsOf } from './partition.ts'

type Distance = (signIn: SignIn) => number
type Values = Readonly<Record<string, FactValue>>
type Move = (signIn: SignIn) => Change

/** Of ids no more are tried than this. */
const mostIds = 4
const mostSteps = 12
const hour = 3_600_000
const [day, longBefore] = [24 * hour, 400 * 24 * hour]

export type Climber = ReturnType<typeof climber>

/**
 * Looks for sign-ins by changing one fact after the other, as long as that brings them nearer to what is wanted: the prover takes
 * longer to find one. All are sign-ins that the parser admits; where none is found there may still be one.
 */
export function climber(table: FactTable, ordinary: SignIn) {
  const testOf = evaluator()
  const distances = new Map<Term, readonly [Distance, Distance]>()
  const known = new WeakMap<Term, readonly string[]>()

  return { toHold, nearer }

  /** A sign-in for which all of these hold and none of those does. */
  function toHold(
    from: SignIn,
    hold: readonly Term[],
    fail: readonly Term[] = [],
  ): SignIn | undefined {
    const wanted = [
      ...hold.map((term) => distancesOf(term)[0]),
      ...fail.map((term) => distancesOf(term)[1]),
    ]
    const found = nearer(from, [...hold, ...fail], (signIn) =>
      wanted.reduce((sum, each) => sum + each(signIn), 0),
    )
    return found.left === 0 ? found.signIn : undefined
  }

  /** As near as changes of what these terms look at lead, and how far that still is. */
  function nearer(from: SignIn, terms: readonly Term[], distance: Distance) {
    let [signIn, left] = [from, distance(from)]
    const moves = left === 0 ? [] : movesOf(terms, from)
    for (let step = 0, before = Infinity; left > 0 && left < before && step < mostSteps; step++) {
      before = left
      for (const move of moves) {
        const next = changed(signIn, [move(signIn)], table)
        const there = distance(next)
        if (there >= left) continue
        ;[signIn, left] = [next, there]
        if (left === 0) break
      }
    }
    return { signIn, left }
  }

  /** How many comparisons must come out otherwise for a term to hold, and for it not to. */
  function distancesOf(term: Term): readonly [Distance, Distance] {
    let both = distances.get(term)
    if (both === undefined) distances.set(term, (both = made(term)))
    return both
  }

  function made(term: Term): readonly [Distance, Distance] {
    if (term.kind === 'test') {
      const holds = testOf(term)
      return [(signIn) => (holds(signIn) ? 0 : 1), (signIn) => (holds(signIn) ? 1 : 0)]
    }
    const members = membersOf(term).map(distancesOf)
    const [toHold, toFail] = [members.map(([hold]) => hold), members.map(([, fail]) => fail)]
    switch (term.kind) {
      case 'not':
        return [toFail[0]!, toHold[0]!]
      case 'all':
        return [sum(toHold), least(toFail)]
      case 'any':
        return [least(toHold), sum(toFail)]
    }
  }

  /** Facts that callers send and that a term looks at. */
  function factsOf(term: Term): readonly string[] {
    let facts = known.get(term)
    if (facts !== undefined) return facts
    const found = new Set<string>()
    const add = (fact: string): void => {
      const { origin } = table[fact]!
      if (origin.by === 'engine') origin.from.forEach(add)
      else found.add(fact)
    }
    for (const each of termsIn([term])) {
      if (each.kind !== 'test') continue
      add(each.test.fact)
      if (isReference(each.test.value)) add(each.test.value.fact)
    }
    known.set(term, (facts = [...found]))
    return facts
  }

  function movesOf(terms: readonly Term[], from: SignIn): readonly Move[] {
    const tests = [...termsIn(terms)].flatMap((term) => (term.kind === 'test' ? [term.test] : []))
    const numbers = tests
      .flatMap(constantsOf)
      .filter((value): value is number => typeof value === 'number')
    return [...new Set(terms.flatMap(factsOf))].flatMap((fact): readonly Move[] => {
      const own = tests.filter((test) => test.fact === fact)
      const ids = own.flatMap((test) => constantsOf(test).slice(0, mostIds)) as readonly string[]
      const { kind } = table[fact]!
      const others = valuesOf(fact, numbers, ids, from)
      const members = kind.kind === 'ids' ? ids : kind.kind === 'someOf' ? kind.values : []
      return [
        ...others.map((to) => () => ({ fact, to })),
        ...members.map((each) => (signIn: SignIn) => ({
          fact,
          to: [...new Set([...((signIn as Values)[fact] as readonly string[]), each])],
        })),
      ]
    })
  }

  /** Times are those before the time of the sign-in by so many hours or days: others there may not be. */
  function valuesOf(
    fact: string,
    numbers: readonly number[],
    ids: readonly string[],
    { at }: SignIn,
  ): readonly FactValue[] {
    const { kind, isPast } = table[fact]!
    switch (kind.kind) {
      case 'flag':
        return [true, false]
      case 'oneOf':
        return kind.values
      case 'id':
        return [(ordinary as Values)[fact]!, ...ids]
      case 'someOf':
        return [[], ...kind.values.map((value) => [value])]
      case 'ids':
        return [[], ...ids.map((id) => [id])]
      case 'integer':
        return [kind.min, kind.max, ...near(numbers)].filter(
          (value) => value >= kind.min && value <= kind.max,
        )
      case 'timestamp':
      case 'timestampOrNever': {
        if (isPast === undefined) return []
        const spans = [0, longBefore, ...near(numbers).flatMap((each) => [each * hour, each * day])]
        const times = spans.flatMap((span) => (span >= 0 && at - span > 0 ? [at - span] : []))
        return kind.kind === 'timestamp' ? times : [null, ...times]
      }
    }
  }
}

const sum =
  (distances: readonly Distance[]): Distance =>
  (signIn) => {
    let all = 0
    for (const distance of distances) all += distance(signIn)
    return all
  }

const least =
  (distances: readonly Distance[]): Distance =>
  (signIn) => {
    let least = Infinity
    for (const distance of distances) least = Math.min(least, distance(signIn))
    return least
  }

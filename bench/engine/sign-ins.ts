import {
  load,
  signInParser,
  type Pack,
  type SignIn,
  type SignInParser,
} from '../../engine/index.ts'
import type { Random } from '../random.ts'

/** Sign-ins as they come in. Parsed afresh for each use: a text that was compared before is cheaper to compare. */
export type SignIns = {
  readonly count: number
  readonly fresh: () => readonly SignIn[]
  /** The same in small batches, each parsed when its turn comes, so that it is decided while it is still in the cache. */
  readonly batches: () => Iterable<readonly SignIn[]>
}

/**
 * The service decides a sign-in right after parsing it, while it is in the processor's first cache. So few at a time are
 * that, too, and enough for the clock (about 50 ns a reading) not to show.
 */
const batchSize = 4

/** Of JSON texts that are all sign-ins. */
export function signInsOf(texts: readonly string[], parse: SignInParser = signInParser()): SignIns {
  const parsed = (some: readonly string[]) =>
    some.map((text) => {
      const read = parse(JSON.parse(text))
      if (read.faults) throw new Error(`${text} is no sign-in: ${JSON.stringify(read.faults)}`)
      return read.signIn
    })
  return {
    count: texts.length,
    fresh: () => parsed(texts),
    *batches() {
      for (let from = 0; from < texts.length; from += batchSize)
        yield parsed(texts.slice(from, from + batchSize))
    },
  }
}

/** The sign-ins of a pack's cases. */
export function casesOf({ ruleSet, cases }: Pack): SignIns {
  return signInsOf(
    cases.map(({ signIn }) => JSON.stringify(signIn)),
    load(ruleSet).parse,
  )
}

type Json = { readonly [name: string]: unknown }

/**
 * Crossings of a pack's cases, as JSON texts: each fact is that of one of two cases. So they meet the values that the rules
 * know, in combinations that nobody thought of. Those that contradict themselves are left out.
 */
export function crossedTexts(
  { ruleSet, cases }: Pack,
  count: number,
  random: Random,
): readonly string[] {
  const { parse } = load(ruleSet)
  const texts: string[] = []
  while (texts.length < count) {
    const crossed = crossing(random.pick(cases).signIn, random.pick(cases).signIn, random)
    if (!parse(crossed).faults) texts.push(JSON.stringify(crossed))
  }
  return texts
}

export const crossingsOf = (pack: Pack, count: number, random: Random): SignIns =>
  signInsOf(crossedTexts(pack, count, random), load(pack.ruleSet).parse)

function crossing(one: Json, other: Json, random: Random): Json {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const [left, right] = [one[name], other[name]]
      if (isObject(left) && isObject(right)) return [[name, crossing(left, right, random)]]
      const parent = random.chance(0.5) ? one : other
      return name in parent ? [[name, parent[name]]] : []
    }),
  )
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

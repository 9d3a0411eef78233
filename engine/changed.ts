import type { Json } from './case.ts'
import { factTable } from './custom-facts.ts'
import { facts, type FactTable, type SignIn } from './facts.ts'
import type { FactValue } from './kinds.ts'
import { factsRead, type RuleSet } from './rule-set.ts'
import { isObject, pointerOf, isLater, signInReader, type Told } from './sign-in.ts'

/** A fact as a caller sends it in place of what a sign-in says, or left out. */
export type Change = { readonly fact: string; readonly value: unknown }

/**
 * A sign-in as it is, or with one fact changed; undefined where it is refused. A class and its member are never both in it. What it
 * gives is good until it is called again.
 */
export type ReadChanged = (change?: Change) => SignIn | undefined

/** Whether what is read by one of them is read alike by the other. */
export function readAlike(one: RuleSet, other: RuleSet): boolean {
  const readBy = (ruleSet: RuleSet) =>
    JSON.stringify([ruleSet.customFacts, ruleSet.assumptions, [...factsRead(ruleSet)].sort()])
  return readBy(one) === readBy(other)
}

/** Reads sign-ins with many changes: each of them once, and each change once, since reading takes many times as long as deciding. */
export function changedReader(ruleSet: RuleSet): (signIn: Json) => ReadChanged {
  const table = factTable(ruleSet.customFacts)
  const { parse, tell, complete, absent } = signInReader(
    table,
    ruleSet.assumptions,
    factsRead(ruleSet),
  )
  const simple = simpleFacts(table)
  const toldAlone = new Map<Change, Told>()

  function tellAlone(change: Change): Told {
    let told = toldAlone.get(change)
    if (told === undefined) toldAlone.set(change, (told = tell(put({}, change))))
    return told
  }

  return (signIn) => {
    const told = tell(signIn)
    const whole = signInOf(complete(told))
    const before = whole as Readonly<Record<string, FactValue>> | undefined
    const changed = { ...before } // one, since thousands of copies keep the collector busy
    let touched: readonly string[] = []

    return (change) => {
      if (change === undefined) return whole
      // What is wrong may be what the change puts right.
      if (told.faults.length > 0) return signInOf(parse(put(signIn, change)))
      const { faults, given } = tellAlone(change)
      if (faults.length > 0) return undefined
      const { fact } = change
      const sent = given.get(fact)
      const computed = simple.get(fact)
      if (before === undefined || computed === undefined)
        return signInOf(complete(withFact(told, fact, sent)))
      if (table[fact]!.isPast && isLater(sent, before['at'])) return undefined
      const value = sent === undefined ? absent(fact) : sent
      if (value === undefined) return undefined
      for (const each of touched) changed[each] = before[each]!
      changed[fact] = value
      for (const { name, compute } of computed) changed[name] = compute(changed)
      touched = [fact, ...computed.map(({ name }) => name)]
      return changed as SignIn
    }
  }
}

const signInOf = (parsed: ReturnType<ReturnType<typeof signInReader>['parse']>) =>
  parsed.faults ? undefined : parsed.signIn

type Computed = { readonly name: string; readonly compute: (signIn: Values) => FactValue }
type Values = Readonly<Record<string, FactValue>>

/** Facts that callers send of which no other sent one depends, with what is computed from each; `at` bears on all that is past. */
function simpleFacts(table: FactTable): ReadonlyMap<string, readonly Computed[]> {
  const simple = new Map<string, Computed[]>()
  for (const [fact, { origin }] of Object.entries(table))
    if (fact !== 'at' && origin.by === 'caller' && origin.absence !== 'classified')
      simple.set(fact, [])
  for (const [name, { origin }] of Object.entries(table))
    if (origin.by === 'engine')
      for (const each of origin.from) simple.get(each)?.push({ name, compute: origin.compute })
  return simple
}

function withFact(told: Told, fact: string, value: FactValue | undefined): Told {
  const twin = twinOf(fact)
  return {
    ...told,
    given: {
      get: (each) => (each === fact ? value : each === twin ? undefined : told.given.get(each)),
    },
    seen: {
      has: (each) => (each === fact ? value !== undefined : each !== twin && told.seen.has(each)),
    },
  }
}

/** Of a class its members' fact, and of that its class: either tells the other. Facts of a pack's own have none. */
function twinOf(fact: string): string | undefined {
  const origin = (facts as FactTable)[fact]?.origin
  if (origin?.by === 'class') return origin.of
  return origin?.by === 'caller' && origin.absence === 'classified' ? origin.class : undefined
}

/** The change as a caller would write it. */
export function put(signIn: Json, { fact, value }: Change): Json {
  const [area = '', member] = pointerOf(fact).slice(1).split('/')
  if (member === undefined) {
    const { [area]: _, ...others } = signIn
    return value === undefined ? others : { ...others, [area]: value }
  }
  const before = signIn[area]
  const twin = twinOf(fact)?.split('.')[1]
  const kept = Object.entries(isObject(before) ? before : {}).filter(
    ([name]) => name !== member && name !== twin,
  )
  return {
    ...signIn,
    [area]: Object.fromEntries(value === undefined ? kept : [...kept, [member, value]]),
  }
}

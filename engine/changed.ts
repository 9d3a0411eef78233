import type { Json } from './case.ts'
import { factTable } from './custom-facts.ts'
import { facts, type FactTable, type SignIn } from './facts.ts'
import type { FactValue } from './kinds.ts'
import { factsRead, type RuleSet } from './rule-set.ts'
import { isObject, pointerOf, signInReader, type Told } from './sign-in.ts'

/** A fact as a caller sends it in place of what a sign-in says, or left out. */
export type Change = { readonly fact: string; readonly value: unknown }

/**
 * A sign-in as it is, or with one fact changed; undefined where it is refused. A class and its member are never both in it. What it
 * gives is good until it is called again.
 */
export type ReadChanged = (change?: Change) => SignIn | undefined

/** Reads sign-ins with many changes: each of them once, and each change once, since reading takes many times as long as deciding. */
export function changedReader(ruleSet: RuleSet): (signIn: Json) => ReadChanged {
  const table = factTable(ruleSet.customFacts)
  const { parse, tell, complete, absent } = signInReader(
    table,
    ruleSet.assumptions,
    factsRead(ruleSet),
  )
  const free = freeFacts(table)
  const toldAlone = new Map<Change, Told>()

  function tellAlone(change: Change): Told {
    let told = toldAlone.get(change)
    if (told === undefined) toldAlone.set(change, (told = tell(put({}, change))))
    return told
  }

  return (signIn) => {
    const told = tell(signIn)
    const whole = signInOf(complete(told))
    const changed: Record<string, FactValue> = { ...whole } // one, since thousands of copies keep the collector busy
    let last = 'at'

    return (change) => {
      if (change === undefined) return whole
      // What is wrong may be what the change puts right.
      if (told.faults.length > 0) return signInOf(parse(put(signIn, change)))
      const { faults, given } = tellAlone(change)
      if (faults.length > 0) return undefined
      const { fact } = change
      if (whole === undefined || !free.has(fact))
        return signInOf(complete(withFact(told, fact, given.get(fact))))
      const value = given.get(fact) ?? absent(fact)
      if (value === undefined) return undefined
      changed[last] = (whole as Record<string, FactValue>)[last]!
      changed[fact] = value
      last = fact
      return changed as SignIn
    }
  }
}

const signInOf = (parsed: ReturnType<ReturnType<typeof signInReader>['parse']>) =>
  parsed.faults ? undefined : parsed.signIn

/** Facts that tell nothing of other facts, nor of whether the sign-in contradicts itself. */
function freeFacts(table: FactTable): ReadonlySet<string> {
  const free = new Set(Object.keys(table))
  free.delete('at')
  for (const [fact, { origin, isPast }] of Object.entries(table)) {
    if (isPast || origin.by === 'engine' || origin.by === 'class') free.delete(fact)
    if (origin.by === 'engine') origin.from.forEach((each) => free.delete(each))
    if (origin.by === 'class') free.delete(origin.of)
  }
  return free
}

function withFact(told: Told, fact: string, value: FactValue | undefined): Told {
  const [given, seen] = [new Map(told.given), new Set(told.seen)]
  for (const each of [fact, twinOf(fact)])
    if (each !== undefined) {
      given.delete(each)
      seen.delete(each)
    }
  if (value !== undefined) {
    given.set(fact, value)
    seen.add(fact)
  }
  return { ...told, given, seen }
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

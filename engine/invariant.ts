import { parseRootCondition, type Comparison, type Condition } from './condition.ts'
import type { Scope } from './constant.ts'
import {
  outcomes,
  requirements,
  type Decision,
  type Outcome,
  type Requirement,
} from './decision.ts'
import { pointerTo, type Location } from './fault.ts'
import type { FactValue } from './kinds.ts'
import { names, type Reader } from './reader.ts'

/**
 * A promise about all sign-ins under one pack: where `when` holds, the decision must be as the promise says; or, where that is that an
 * outcome is possible, of one sign-in at least for which `when` holds.
 */
export type Invariant = {
  readonly name: string
  readonly title: string
  readonly when: Condition
  /** Facts that the sign-ins of which it speaks leave out; `when` has what is taken for them. */
  readonly without?: readonly string[]
  readonly promise: Promised
  readonly at?: Location
}

export type Promised =
  | { readonly atLeast: Outcome }
  | { readonly atMost: Outcome }
  | { readonly exactly: Outcome }
  | { readonly oneOf: readonly Outcome[] }
  | { readonly never: Outcome }
  /** The sign-in is blocked, or these are demanded. */
  | { readonly requires: readonly Requirement[] }
  /** There is a way to it. */
  | { readonly possible: Outcome }

const forms = ['require', 'requires', 'never', 'possible'] as const

/** Reads one entry of a pack's invariants.json. */
export function parseInvariant(
  reader: Reader,
  name: string,
  input: unknown,
  pointer: string,
  scope: Scope,
  absent: AbsentFacts,
): Invariant | undefined {
  if (!names.kebab.pattern.test(name))
    return reader.fault(pointer, names.kebab.expected, name, { part: 'name' })
  const members = { required: ['title', 'when'], optional: [...forms, 'without', 'source'] }
  const given = reader.object(input, pointer, members)
  if (given === undefined) return undefined
  const title = reader.text(given['title'], pointerTo(pointer, 'title'))
  const when = parseRootCondition(reader, given['when'], pointerTo(pointer, 'when'), scope)
  const without = parseWithout(
    reader,
    given['without'] ?? [],
    pointerTo(pointer, 'without'),
    absent,
  )
  const [form, second] = forms.filter((each) => Object.hasOwn(given, each))
  if (form === undefined || second !== undefined)
    return reader.fault(pointer, `exactly one of ${forms.join(', ')}`, second ?? 'none', {
      said: true,
    })
  const promise = parsePromise(reader, form, given[form], pointerTo(pointer, form))
  const at = reader.source.locate(pointer)
  if (!title || !when || !promise) return undefined
  const left = without.length > 0 && {
    without: without.map(({ fact }) => fact),
    when: { all: [when, ...without] },
  }
  return { name, title, when, promise, ...left, ...(at && { at }) }
}

/** What is taken for facts that are left out. */
export type AbsentFacts = ReadonlyMap<string, { readonly value: FactValue }>

/** Facts that are left out, each as a comparison with what is taken for it. */
function parseWithout(
  reader: Reader,
  input: unknown,
  at: string,
  absent: AbsentFacts,
): readonly Comparison[] {
  const known = [...absent].flatMap(([fact, { value }]) => (Array.isArray(value) ? [] : [fact]))
  return reader.list(input, at).flatMap(([fact, place]) => {
    const name = reader.oneOf(fact, place, known, 'a fact of one value that callers may leave out')
    return name === undefined
      ? []
      : [{ fact: name, operator: 'equal', value: absent.get(name)!.value }]
  })
}

function parsePromise(
  reader: Reader,
  form: (typeof forms)[number],
  value: unknown,
  at: string,
): Promised | undefined {
  if (form === 'never' || form === 'possible') {
    const outcome = reader.oneOf(value, at, outcomes, 'an outcome')
    return outcome && ({ [form]: outcome } as Promised)
  }
  if (form === 'requires') {
    const list = reader
      .list(value, at)
      .map(([each, place]) => reader.oneOf(each, place, requirements, 'a requirement'))
    if (list.length === 0) reader.fault(at, 'at least one requirement', value)
    return list.length === 0 || list.includes(undefined)
      ? undefined
      : { requires: list as Requirement[] }
  }
  const given = reader.object(value, at, { optional: ['atLeast', 'atMost', 'exactly', 'oneOf'] })
  const [kind, second] = Object.keys(given ?? {})
  if (given === undefined || kind === undefined || second !== undefined)
    return reader.fault(at, 'exactly one of atLeast, atMost, exactly, oneOf', value)
  if (kind === 'oneOf') {
    const list = reader
      .list(given[kind], pointerTo(at, kind))
      .map(([each, place]) => reader.oneOf(each, place, outcomes, 'an outcome'))
    if (list.length === 0) reader.fault(pointerTo(at, kind), 'at least one outcome', given[kind])
    return list.length === 0 || list.includes(undefined) ? undefined : { oneOf: list as Outcome[] }
  }
  const outcome = reader.oneOf(given[kind], pointerTo(at, kind), outcomes, 'an outcome')
  return outcome && ({ [kind]: outcome } as Promised)
}

/** `block`, `at least challenge`, `mfa demanded, or a block` */
export function promiseInWords(promise: Promised): string {
  if ('atLeast' in promise) return `at least ${promise.atLeast}`
  if ('atMost' in promise) return `at most ${promise.atMost}`
  if ('exactly' in promise) return promise.exactly
  if ('oneOf' in promise) return promise.oneOf.join(' or ')
  if ('never' in promise) return `never ${promise.never}`
  if ('possible' in promise) return `${promise.possible} possible`
  return `${promise.requires.join(' and ')} demanded, or block`
}

/** Whether a decision keeps the promise. No single one can break that something is possible. */
export function keeps(
  promise: Promised,
  decision: Pick<Decision, 'outcome' | 'requirements'>,
): boolean {
  const rank = (outcome: Outcome) => outcomes.indexOf(outcome)
  const { outcome } = decision
  if ('atLeast' in promise) return rank(outcome) >= rank(promise.atLeast)
  if ('atMost' in promise) return rank(outcome) <= rank(promise.atMost)
  if ('exactly' in promise) return outcome === promise.exactly
  if ('oneOf' in promise) return promise.oneOf.includes(outcome)
  if ('never' in promise) return outcome !== promise.never
  if ('possible' in promise) return true
  const demanded: readonly Requirement[] = decision.requirements
  return (
    outcome === 'block' || promise.requires.every((requirement) => demanded.includes(requirement))
  )
}

import type { Comparison } from '../condition.ts'
import { isReference } from '../constant.ts'
import type { FactSpec } from '../facts.ts'
import { parseMember, shapeOf, type FactValue, type IdForm, type Kind } from '../kinds.ts'
import { resolveOperator } from '../operators.ts'
import { simpleParts } from './parts.ts'
import { subsets } from './subsets.ts'

/** A value of a fact (of an array: a member), or the values that are all alike to what is asked, by one that stands for them. */
export type Class = {
  readonly value: string | boolean
  /** All values of the class that somebody mentions. */
  readonly values: ReadonlySet<unknown>
}

/**
 * Cuts the values that a fact without an order can have into classes that the tests can not tell apart. Complete: every
 * value is in one of them; those that nobody mentions are all in the last. Facts that are compared with one another have one
 * pool of constants, and as many spare values of each form that some of them share as there are of them, so that every way of
 * being equal is there.
 */
export function partition(
  fact: string,
  spec: FactSpec,
  tests: readonly Comparison[],
  linked: readonly { readonly fact: string; readonly kind: Kind; readonly usual: FactValue }[],
  apart: (value: unknown) => unknown,
): readonly Class[] {
  const { kind } = spec
  const own = tests
    .filter((test) => test.fact === fact && !isReference(test.value))
    // A member that is one of several values is told apart by each alone: an array may have them all.
    .flatMap((test) => [...simpleParts(test)])
  const isLinked = linked.length > 1
  const values = closedValues(kind) ?? idValues()
  const signatures = new Map<string, unknown[]>()
  const mentions = mentionsIn(own)
  const places = new Map(own.map((test, index) => [test, index]))
  for (const value of values) {
    const signature = JSON.stringify(
      isLinked
        ? value
        : [apart(value), ...(mentions.get(value) ?? []).map((test) => truth(test, value))],
    )
    const like = signatures.get(signature)
    if (like === undefined) signatures.set(signature, [value])
    else like.push(value)
  }
  return [...signatures.values()].map((like) => ({
    value: like[0] as string | boolean,
    values: new Set(like),
  }))

  /** Which test, and what it says of that value alone. */
  function truth(test: Comparison, value: unknown): unknown {
    const { holds } = resolveOperator(test.operator)!
    const given = shapeOf(kind).depth === 0 ? value : [value]
    return [places.get(test), holds(given, test.value)]
  }

  function idValues(): readonly unknown[] {
    const usual = isLinked ? linked.flatMap((each) => each.usual) : []
    const pool = new Set(
      linked
        .flatMap((each) =>
          tests.filter((test) => test.fact === each.fact && !isReference(test.value)),
        )
        .flatMap(constantsOf)
        .concat(usual)
        .filter((value) => parseMember(kind, value) === value),
    )
    const forms = linked.flatMap((each) =>
      each.kind.kind === 'id' || each.kind.kind === 'ids' ? [each.kind.form] : [],
    )
    const unnamed = subsets([...new Map(forms.map((form) => [form.pattern.source, form])).values()])
      .filter((some) => some.length > 0)
      .flatMap((some) => spares(some, pool, linked.length))
    return [...pool, ...new Set(unnamed.filter((value) => parseMember(kind, value) === value))]
  }
}

function closedValues(kind: Kind): readonly (string | boolean)[] | undefined {
  if (kind.kind === 'flag') return [true, false]
  return kind.kind === 'oneOf' || kind.kind === 'someOf' ? kind.values : undefined
}

export const constantsOf = ({ value }: Comparison): readonly unknown[] =>
  isReference(value) ? [] : [value].flat(2)

function mentionsIn(tests: readonly Comparison[]): ReadonlyMap<unknown, readonly Comparison[]> {
  const mentions = new Map<unknown, Comparison[]>()
  for (const test of tests)
    for (const value of new Set(constantsOf(test))) {
      const list = mentions.get(value)
      if (list === undefined) mentions.set(value, [test])
      else list.push(test)
    }
  return mentions
}

/** Ids that nobody mentions and that all these forms admit, as many as that or as there are. */
function spares(
  forms: readonly IdForm[],
  taken: ReadonlySet<unknown>,
  count: number,
): readonly string[] {
  const found = new Set<string>()
  // In turns, since one form may make none that another admits.
  let sources = forms.map(idsOf)
  while (sources.length > 0)
    sources = sources.filter((source) => {
      const { value: id, done } = source.next()
      if (done === true || found.size === count) return false
      if (!taken.has(id) && forms.every(({ pattern }) => pattern.test(id))) found.add(id)
      return true
    })
  return [...found]
}

/** Ids of that form, one after another: from a plain one, its last places counted through, three at first. */
function* idsOf({ pattern, fold, examples }: IdForm): Generator<string> {
  const signs =
    fold === 'upper' ? 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' : '0123456789abcdefghijklmnopqrstuvwxyz'
  const example = examples.find((each) => pattern.test(each)) ?? 'other-00'
  const places = Math.min(example.length, 4)
  for (let number = 0; number < signs.length ** places; number++) {
    let [rest, id] = [number, '']
    for (let place = 0; place < places && (place < 3 || rest > 0); place++) {
      id = signs[rest % signs.length]! + id
      rest = Math.floor(rest / signs.length)
    }
    const whole = example.slice(0, example.length - id.length) + id
    if (pattern.test(whole)) yield whole
  }
}

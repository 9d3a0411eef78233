import type { FactTable } from './facts.ts'
import { didYouMean, oneOfThese, pointerTo, show } from './fault.ts'
import {
  expectedMember,
  memberNames,
  parseMember,
  shapeOf,
  type FactValue,
  type Kind,
  type Shape,
} from './kinds.ts'
import type { Reader } from './reader.ts'
import { isObject } from './sign-in.ts'

/** What a comparison compares with. */
export type Constant = FactValue | readonly FactValue[]

/** The value of another fact instead. */
export type FactReference = { readonly fact: string }

export const isReference = (value: unknown): value is FactReference =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'fact')

/** What a condition may refer to. */
export type Scope = {
  readonly facts: FactTable
  readonly conditions: ReadonlySet<string>
  readonly lists: ReadonlyMap<string, readonly string[]>
}

export function factKind(
  reader: Reader,
  fact: unknown,
  at: string,
  scope: Scope,
): Kind | undefined {
  if (typeof fact === 'string' && Object.hasOwn(scope.facts, fact)) return scope.facts[fact]!.kind
  const names = Object.keys(scope.facts)
  return reader.fault(at, `a fact of the fact table`, fact, didYouMean(fact, names))
}

export function parseConstant(
  reader: Reader,
  kind: Kind,
  shape: Shape,
  value: unknown,
  at: string,
  scope: Scope,
): Constant | FactReference | undefined {
  if (isObject(value) && Object.hasOwn(value, 'fact'))
    return parseFactReference(reader, kind, shape, value, at, scope)
  if (isObject(value) && Object.hasOwn(value, 'list')) {
    if (shape.depth === 0)
      return reader.fault(at, `a single value, ${expectedMember(kind)}`, 'a list', {
        said: true,
        hint: 'use "in" for a list',
      })
    reader.object(value, at, { required: ['list'] })
    const values = typeof value['list'] === 'string' ? scope.lists.get(value['list']) : undefined
    if (values === undefined) {
      const names = [...scope.lists.keys()]
      return reader.fault(
        pointerTo(at, 'list'),
        `a list: ${oneOfThese(names)}`,
        value['list'],
        didYouMean(value['list'], names),
      )
    }
    const wrong = values.find((member) => constantMember(kind, member) === undefined)
    if (wrong !== undefined)
      return reader.fault(
        at,
        `a list of values that are each ${expectedMember(kind)}`,
        `one with ${show(wrong)}`,
        { said: true, ...rightSpelling(kind, wrong, 'list') },
      )
    return values.map((member) => constantMember(kind, member)!)
  }
  if (shape.depth === 0) return memberOrFault(reader, kind, value, at)
  if (!Array.isArray(value) || value.length === 0)
    return reader.fault(at, `an array of values, each ${expectedMember(kind)}`, value, {
      hint:
        typeof value === 'string'
          ? 'json-rules-engine would look for a substring'
          : 'or a list: {"list": "name"}',
    })
  const members = value.map((member, index) =>
    memberOrFault(reader, kind, member, pointerTo(at, index)),
  )
  return members.includes(undefined) ? undefined : (members as FactValue[])
}

function memberOrFault(reader: Reader, kind: Kind, value: unknown, at: string) {
  const member = constantMember(kind, value)
  if (member !== undefined) return member
  return reader.fault(at, expectedMember(kind), value, rightSpelling(kind, value, 'rule'))
}

/** Callers may spell a value otherwise than a rule or a list does. */
function rightSpelling(kind: Kind, value: unknown, place: 'rule' | 'list') {
  const canonical = parseMember(kind, value)
  return canonical === undefined
    ? didYouMean(value, memberNames(kind))
    : { hint: `in a ${place} write ${show(canonical)}` }
}

/**
 * A constant must be spelled as the fact will be, so that the rule means the same wherever it runs. Only times are
 * translated, since a rule had better not say milliseconds.
 */
function constantMember(kind: Kind, value: unknown) {
  const member = parseMember(kind, value)
  const isTime = kind.kind === 'timestamp' || kind.kind === 'timestampOrNever'
  return isTime || member === value ? member : undefined
}

function parseFactReference(
  reader: Reader,
  kind: Kind,
  shape: Shape,
  value: Readonly<Record<string, unknown>>,
  at: string,
  scope: Scope,
): { readonly fact: string } | undefined {
  reader.object(value, at, { required: ['fact'] })
  const other = factKind(reader, value['fact'], pointerTo(at, 'fact'), scope)
  if (other === undefined) return undefined
  const right = shapeOf(other)
  if (
    right.depth !== shape.depth ||
    (shape.ordered && !right.ordered) ||
    other.kind === 'timestampOrNever' ||
    !comparable(kind, other)
  )
    return reader.fault(at, `a fact that can be compared with ${kind.kind}`, value['fact'], {
      hint:
        other.kind === 'timestampOrNever' ? 'never (null) would count as 0' : 'its kind differs',
    })
  return { fact: value['fact'] as string }
}

function comparable(left: Kind, right: Kind): boolean {
  if (left.kind === 'oneOf' || left.kind === 'someOf')
    return (
      (right.kind === 'oneOf' || right.kind === 'someOf') &&
      left.values.some((value) => right.values.includes(value))
    )
  if (left.kind === 'id' || left.kind === 'ids')
    return (right.kind === 'id' || right.kind === 'ids') && left.form.fold === right.form.fold
  if (left.kind === 'timestampOrNever') return right.kind === 'timestamp'
  return left.kind === right.kind
}

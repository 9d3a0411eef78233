import {
  factKind,
  isReference,
  parseConstant,
  type Constant,
  type FactReference,
  type Scope,
} from './constant.ts'
import { didYouMean, oneOfThese, pointerTo, show } from './fault.ts'
import { shapeOf, type Shape } from './kinds.ts'
import { parseOperator, resolveOperator } from './operators.ts'
import type { Reader } from './reader.ts'
import { isObject } from './sign-in.ts'

/** json-rules-engine's form, with lists and times already expanded: this very object is compiled and interpreted. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly condition: string }
  | Comparison

export type Comparison = {
  readonly fact: string
  readonly operator: string
  readonly value: Constant | FactReference
}

const kindsOfCondition = ['all', 'any', 'not', 'condition', 'fact'] as const
/** json-rules-engine knows them; they never change what a condition means. */
const inert = ['name', 'priority', 'description']

/**
 * Reads a condition, or reports every fault in it. Stricter than json-rules-engine on purpose: what that accepts and then
 * ignores or always answers the same way (an empty `any`, two kinds in one object, a constant that the fact can't have)
 * is surely a mistake in a rule that guards sign-ins.
 */
export function parseCondition(
  reader: Reader,
  input: unknown,
  pointer: string,
  scope: Scope,
): Condition | undefined {
  if (!isObject(input)) return reader.fault(pointer, 'a condition (an object)', input)
  const found = kindsOfCondition.filter((kind) => Object.hasOwn(input, kind))
  const [kind, second] = found
  if (kind === undefined)
    return reader.fault(
      pointer,
      `a condition with one of ${kindsOfCondition.join(', ')}`,
      input,
      nearestKind(input),
    )
  if (second !== undefined)
    return reader.fault(
      pointerTo(pointer, second),
      `a condition of one kind, and this one has "${kind}"`,
      second,
      {
        part: 'name',
        hint: `json-rules-engine would drop one of them; put both under an "all"`,
      },
    )
  const at = pointerTo(pointer, kind)
  switch (kind) {
    case 'all':
    case 'any': {
      membersOf(reader, input, pointer, [kind])
      const members = reader.list(input[kind], at)
      if (Array.isArray(input[kind]) && members.length === 0)
        reader.fault(at, 'at least one condition', input[kind], {
          hint: `an empty "${kind}" is always true`,
        })
      const parsed = members.map(([member, place]) => parseCondition(reader, member, place, scope))
      if (members.length === 0 || parsed.includes(undefined)) return undefined
      return kind === 'all' ? { all: parsed as Condition[] } : { any: parsed as Condition[] }
    }
    case 'not': {
      membersOf(reader, input, pointer, ['not'])
      const not = parseCondition(reader, input['not'], at, scope)
      return not && { not }
    }
    case 'condition': {
      membersOf(reader, input, pointer, ['condition'])
      const name = input['condition']
      if (typeof name === 'string' && scope.conditions.has(name)) return { condition: name }
      const names = [...scope.conditions]
      return reader.fault(
        at,
        `a shared condition: ${oneOfThese(names)}`,
        name,
        didYouMean(name, names),
      )
    }
    case 'fact':
      membersOf(reader, input, pointer, ['fact', 'operator', 'value'])
      return parseComparison(reader, input, pointer, scope)
  }
}

function membersOf(
  reader: Reader,
  input: Readonly<Record<string, unknown>>,
  pointer: string,
  required: readonly string[],
): void {
  reader.object(input, pointer, { required, optional: inert })
  for (const member of ['name', 'description'])
    if (Object.hasOwn(input, member)) reader.text(input[member], pointerTo(pointer, member))
  if (Object.hasOwn(input, 'priority'))
    reader.priority(input['priority'], pointerTo(pointer, 'priority'))
}

/** As json-rules-engine wants it: the root of a rule, and of a shared condition, is no bare comparison. */
export function parseRootCondition(reader: Reader, input: unknown, pointer: string, scope: Scope) {
  if (isObject(input) && Object.hasOwn(input, 'fact'))
    return reader.fault(pointer, 'all, any, not or condition at the root', 'a comparison', {
      said: true,
      hint: 'put it into {"all": [ … ]}',
    })
  return parseCondition(reader, input, pointer, scope)
}

function parseComparison(
  reader: Reader,
  input: Readonly<Record<string, unknown>>,
  pointer: string,
  scope: Scope,
): Comparison | undefined {
  const { fact, operator: name, value } = input
  const kind = factKind(reader, fact, pointerTo(pointer, 'fact'), scope)
  const operatorAt = pointerTo(pointer, 'operator')
  const operator = Object.hasOwn(input, 'operator') ? parseOperator(name, operatorAt) : undefined
  if (operator !== undefined && 'expected' in operator)
    reader.fault(
      operatorAt,
      operator.expected,
      name,
      operator.hint === undefined ? {} : { hint: operator.hint },
    )
  if (
    kind === undefined ||
    operator === undefined ||
    'expected' in operator ||
    !Object.hasOwn(input, 'value')
  )
    return undefined

  const shape = shapeOf(kind)
  if (shape.depth !== operator.fact.depth || (operator.fact.ordered && !shape.ordered))
    return reader.fault(
      operatorAt,
      `an operator that fits ${String(fact)}, which is ${shapeText(shape)}`,
      name,
      {
        hint: operatorHint(shape),
      },
    )
  if (kind.kind === 'timestampOrNever' && (name as string).includes('swap:'))
    return reader.fault(operatorAt, `an operator without swap: for ${String(fact)}`, name, {
      hint: 'never (null) would count as 0',
    })
  const constant = parseConstant(
    reader,
    kind,
    operator.value,
    value,
    pointerTo(pointer, 'value'),
    scope,
  )
  return constant === undefined
    ? undefined
    : { fact: fact as string, operator: name as string, value: constant }
}

const shapeText = (shape: Shape) =>
  shape.depth > 0
    ? 'an array'
    : shape.ordered
      ? 'a single value with an order'
      : 'a single value without an order'

const operatorHint = (shape: Shape) =>
  shape.depth > 0
    ? 'contains, doesNotContain, or someFact: and everyFact: before another operator'
    : shape.ordered
      ? 'equal, notEqual, in, notIn, lessThan, greaterThan and their Inclusive forms'
      : 'equal, notEqual, in, notIn'

function nearestKind(input: Readonly<Record<string, unknown>>) {
  for (const name of Object.keys(input)) {
    const near = didYouMean(name, kindsOfCondition)
    if (near.hint !== undefined) return near
  }
  return {}
}

/** The comparisons that stand in a condition itself, not those of the shared conditions it refers to. */
export function* comparisonsOf(condition: Condition): Generator<Comparison> {
  if ('all' in condition) for (const member of condition.all) yield* comparisonsOf(member)
  else if ('any' in condition) for (const member of condition.any) yield* comparisonsOf(member)
  else if ('not' in condition) yield* comparisonsOf(condition.not)
  else if ('fact' in condition) yield condition
}

/** Names of the shared conditions that a condition refers to by itself. */
export function* referencesOf(condition: Condition): Generator<string> {
  if ('all' in condition) for (const member of condition.all) yield* referencesOf(member)
  else if ('any' in condition) for (const member of condition.any) yield* referencesOf(member)
  else if ('not' in condition) yield* referencesOf(condition.not)
  else if ('condition' in condition) yield condition.condition
}

/** Names of all shared conditions that a condition leads to. */
export function referencesWithin(
  condition: Condition,
  conditions: Readonly<Record<string, Condition>>,
): ReadonlySet<string> {
  const names = new Set<string>()
  const follow = (each: Condition): void => {
    for (const name of referencesOf(each)) {
      if (names.has(name)) continue
      names.add(name)
      follow(conditions[name]!)
    }
  }
  follow(condition)
  return names
}

/** A condition in words: `securityDefaultsApply and not isRegisteredForMfa`. */
export function inWords(condition: Condition): string {
  if ('all' in condition) return condition.all.map(inWords).join(' and ')
  if ('any' in condition) return `(${condition.any.map(inWords).join(' or ')})`
  if ('not' in condition)
    return `not ${'all' in condition.not ? `(${inWords(condition.not)})` : inWords(condition.not)}`
  if ('condition' in condition) return condition.condition
  const { fact, operator, value } = condition
  const constant = isReference(value) ? value.fact : show(value)
  return `${fact} ${resolveOperator(operator)?.says ?? operator} ${constant}`
}

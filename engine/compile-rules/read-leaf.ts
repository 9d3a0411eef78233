import { pointerTo } from '../fault.ts'
import { resolveOperator, type Holds } from '../operators.ts'
import { readPlain, type PlainObject } from './plain.ts'
import { readPriority, type Priority } from './priority.ts'
import { isFactReference, readFact } from './read-value.ts'
import { refused, rejected, warned } from './refusals.ts'
import type { Report } from './report.ts'
import type { Leaf } from './tree.ts'

const mostDecorators = 100
const required = ['fact', 'operator', 'value'] as const
const outcome = ['factResult', 'valueResult', 'result'] as const

/** A comparison of a fact with a constant or another fact. `orderOf` is told the priority it has been given itself. */
export function readLeaf(
  input: PlainObject,
  pointer: string,
  orderOf: (priority: Priority, fact: unknown) => string,
  report: Report,
  warn: Report,
): Leaf | undefined {
  const missing = required.filter((member) => !Object.hasOwn(input, member))
  for (const member of missing) report(rejected[member], pointer, input)
  if (missing.length > 0) return undefined

  const member = (name: keyof Leaf['shown']) =>
    readPlain(input[name], pointerTo(pointer, name), report)
  const shown = {
    priority: readPriority(input['priority'], pointerTo(pointer, 'priority'), report),
    name: member('name'),
    operator: member('operator'),
    value: member('value'),
    fact: member('fact'),
    params: member('params'),
    path: member('path'),
    factResult: member('factResult'),
    valueResult: member('valueResult'),
    result: member('result'),
  }
  const holds = readOperator(shown.operator, pointerTo(pointer, 'operator'), report, warn)
  const valueAt = pointerTo(pointer, 'value')
  const right = isFactReference(shown.value)
    ? readFact(shown.value, valueAt, report)
    : { constant: shown.value }
  const left = readFact(shown, pointer, report)

  if (typeof left.fact !== 'string') warn(warned.fact, pointerTo(pointer, 'fact'), left.fact)
  if ('fact' in right && typeof right.fact !== 'string')
    warn(warned.fact, pointerTo(valueAt, 'fact'), right.fact)
  if (shown.params) warn(warned.params, pointerTo(pointer, 'params'), shown.params)
  if (typeof shown.value === 'string' && /^(?:.*:)?(?:in|notIn)$/.test(String(shown.operator)))
    warn(warned.text, valueAt, shown.value)
  for (const name of outcome)
    if (shown[name] !== undefined) warn(warned.outcome, pointerTo(pointer, name), shown[name])

  const order = orderOf(shown.priority, shown.fact)
  return { kind: 'leaf', order, height: 1, left, holds, right, shown }
}

function readOperator(
  name: unknown,
  pointer: string,
  report: Report,
  warn: Report,
): Holds | undefined {
  if (typeof name !== 'string') return warn(warned.operator, pointer, name)
  if (name.split(':', mostDecorators + 2).length > mostDecorators + 1)
    return report(refused.decorators, pointer, name)
  return resolveOperator(name)?.holds ?? warn(warned.operator, pointer, name)
}

import { pointerTo } from '../fault.ts'
import { isPlainObject, readPlain } from './plain.ts'
import { isFactReference, readFact } from './read-value.ts'
import { refused, rejected } from './refusals.ts'
import type { Report } from './report.ts'
import type { EventTree } from './tree.ts'

/** The event of a rule: its type, and its parameters if there are any. All else in it is dropped. */
export function readEvent(
  event: unknown,
  pointer: string,
  replaceFacts: boolean,
  report: Report,
): EventTree | undefined {
  if (!event) return { type: 'unknown', params: undefined, reads: [] }
  if (typeof event !== 'object' || !Object.hasOwn(event, 'type'))
    return report(rejected.eventType, pointer, event)
  if (!isPlainObject(event)) return report(refused.plain, pointer, event)

  const { type } = event
  const typeAt = pointerTo(pointer, 'type')
  if ((typeof type === 'object' && type !== null) || typeof type === 'function')
    return report(refused.eventTypeValue, typeAt, type)
  if (typeof type === 'string' && (type === 'error' || type in Object.prototype))
    return report(refused.eventTypeName, typeAt, type)

  const paramsAt = pointerTo(pointer, 'params')
  const params = event['params'] ? readPlain(event['params'], paramsAt, report) : undefined
  const replaced = replaceFacts && typeof params === 'object' && params !== null ? params : {}
  const reads = Object.entries(replaced).flatMap(([member, value]) =>
    isFactReference(value)
      ? [{ member, ...readFact(value, pointerTo(paramsAt, member), report) }]
      : [],
  )
  return { type, params, reads }
}

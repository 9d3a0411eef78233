import { parseRootCondition } from '../condition.ts'
import { factTable } from '../custom-facts.ts'
import { outcomes, requirements } from '../decision.ts'
import { pointerTo, type Fault } from '../fault.ts'
import type { Pack } from '../pack.ts'
import { names, reader as readerOf } from '../reader.ts'
import { readSource } from '../source.ts'
import type { Acceptance } from './diff.ts'

/** An acceptance with who answers for it, until which day. */
export type AcceptedChange = Acceptance & {
  readonly reason: string
  readonly owner: string
  readonly expires: string
}

const members = {
  required: ['from', 'to', 'reason', 'owner', 'expires'],
  optional: ['dropped', 'added', 'when'],
}

/** Reads a file of accepted changes; its conditions may refer to shared conditions and lists of the pack. */
export function parseAccepted(
  file: string,
  text: string,
  { ruleSet, lists }: Pick<Pack, 'ruleSet' | 'lists'>,
): readonly AcceptedChange[] | { readonly faults: readonly Fault[] } {
  const source = readSource(file, text)
  if ('faults' in source) return source
  const faults: Fault[] = []
  const reader = readerOf(source, faults)
  const scope = {
    facts: factTable(ruleSet.customFacts),
    lists,
    conditions: new Set(Object.keys(ruleSet.conditions)),
  }
  const given = reader.object(source.value, '', { required: ['accepted'] })
  const list = given === undefined ? [] : reader.list(given['accepted'], '/accepted')
  const accepted = list.flatMap(([input, at]): readonly AcceptedChange[] => {
    const entry = reader.object(input, at, members)
    if (entry === undefined) return []
    const of = (member: string) => pointerTo(at, member)
    const requirement = (member: string) =>
      Object.hasOwn(entry, member)
        ? reader.oneOf(entry[member], of(member), requirements)
        : undefined
    const from = reader.oneOf(entry['from'], of('from'), outcomes)
    const to = reader.oneOf(entry['to'], of('to'), outcomes)
    const [dropped, added] = [requirement('dropped'), requirement('added')]
    const when = Object.hasOwn(entry, 'when')
      ? parseRootCondition(reader, entry['when'], of('when'), scope)
      : undefined
    const reason = reader.text(entry['reason'], of('reason'))
    const owner = reader.text(entry['owner'], of('owner'))
    const expires = reader.text(entry['expires'], of('expires'), names.date)
    if (!from || !to || !reason || !owner || !expires) return []
    const more = { ...(dropped && { dropped }), ...(added && { added }), ...(when && { when }) }
    return [{ from, to, ...more, reason, owner, expires }]
  })
  return faults.length > 0 ? { faults } : accepted
}

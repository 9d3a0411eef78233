import { changed } from '../explain/changes.ts'
import type { FactTable, SignIn } from '../facts.ts'
import { parseValue, type FactValue, type Kind } from '../kinds.ts'
import { assumedFor, isObject, type Assumption } from '../sign-in.ts'

/**
 * A sign-in to measure others by: what the baseline sends, then what is assumed for a fact that is left out, then something
 * plain. `baseline` is JSON as a caller sends it; what of it can not be read is passed over.
 */
export function ordinarySignIn(
  table: FactTable,
  baseline: Readonly<Record<string, unknown>>,
  assumptions: readonly Assumption[],
): SignIn {
  const absent = assumedFor(table, assumptions)
  const sent = (fact: string, kind: Kind): FactValue | undefined => {
    const [area = '', member] = fact.split('.')
    const given = baseline[area]
    const value = member === undefined ? given : isObject(given) ? given[member] : undefined
    return value === undefined ? undefined : parseValue(kind, value, '', () => {})
  }
  const facts = Object.entries(table).filter(([, { origin }]) => origin.by !== 'engine')
  const values = new Map(
    facts.map(([fact, { kind, origin }]) => {
      const fallback = origin.by === 'caller' && 'value' in origin ? origin.value : plain(kind)
      const given = [sent(fact, kind), absent.get(fact)?.value, fallback]
      return [fact, given.find((value) => value !== undefined)!] // null is a value
    }),
  )
  const classes = facts.flatMap(([fact, { kind, origin }]) =>
    // The class follows from its member where that is sent, and else the member from the class.
    origin.by === 'class' && sent(origin.of, table[origin.of]!.kind) === undefined
      ? [{ fact, to: sent(fact, kind) ?? plain(kind) }]
      : origin.by === 'class'
        ? [{ fact: origin.of, to: values.get(origin.of)! }]
        : [],
  )
  return changed(Object.fromEntries(values) as SignIn, classes, table)
}

function plain(kind: Kind): FactValue {
  switch (kind.kind) {
    case 'flag':
      return false
    case 'oneOf':
      return kind.values[0]!
    case 'someOf':
    case 'ids':
      return []
    case 'integer':
      return kind.min
    case 'timestamp':
    case 'timestampOrNever':
      return Date.UTC(2026, 0, 1, 9)
    case 'id':
      return kind.form.examples.find((example) => kind.form.pattern.test(example)) ?? 'some-id'
  }
}

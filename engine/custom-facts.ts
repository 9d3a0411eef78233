import { facts as standardFacts, type FactSpec, type FactTable } from './facts.ts'
import {
  flag,
  id,
  ids,
  integer,
  oneOf,
  parseValue,
  someOf,
  timestamp,
  type FactValue,
  type Kind,
} from './kinds.ts'
import { pointerTo, type Fault } from './fault.ts'
import type { Reader } from './reader.ts'

/** A fact that a pack declares for itself, as plain data: it travels to worker threads inside the rule set. */
export type CustomFact = {
  readonly kind: 'flag' | 'oneOf' | 'someOf' | 'integer' | 'timestamp' | 'id' | 'ids'
  readonly description: string
  readonly values?: readonly string[]
  readonly min?: number
  readonly max?: number
  /** Assumed when the caller leaves the fact out; without it such a sign-in is refused. */
  readonly absence?: FactValue
}

const customKinds = ['flag', 'oneOf', 'someOf', 'integer', 'timestamp', 'id', 'ids'] as const

const plainId = {
  expected: 'an id: letters, digits and . _ : @ / + -, at most 128',
  pattern: /^[a-z0-9][a-z0-9._:@/+-]{0,127}$/,
  fold: 'lower',
  examples: [],
} as const

/** The standard facts and those that a rule set declares. */
export function factTable(custom: Readonly<Record<string, CustomFact>>): FactTable {
  return {
    ...standardFacts,
    ...Object.fromEntries(Object.entries(custom).map(([name, fact]) => [name, specOf(fact)])),
  }
}

function specOf(fact: CustomFact): FactSpec {
  const origin =
    fact.absence === undefined
      ? ({ by: 'caller', absence: 'refused' } as const)
      : ({ by: 'caller', absence: 'assumed', value: fact.absence } as const)
  return {
    kind: kindOf(fact),
    description: fact.description,
    source: 'declared by the pack',
    origin,
  }
}

function kindOf({ kind, values = [], min = 0, max = 0 }: CustomFact): Kind {
  switch (kind) {
    case 'flag':
      return flag
    case 'oneOf':
      return oneOf(values)
    case 'someOf':
      return someOf(values)
    case 'integer':
      return integer(min, max)
    case 'timestamp':
      return timestamp
    case 'id':
      return id(plainId)
    case 'ids':
      return ids(plainId)
  }
}

const customName = /^custom\.[a-z][A-Za-z0-9]*$/

/** Reads one entry of a pack's facts.json. */
export function parseCustomFact(
  reader: Reader,
  name: string,
  input: unknown,
  pointer: string,
): CustomFact | undefined {
  if (!customName.test(name))
    return reader.fault(pointer, 'a fact name such as "custom.onVpn"', name, { part: 'name' })
  const members = {
    required: ['kind', 'description'],
    optional: ['values', 'min', 'max', 'absence'],
  }
  const given = reader.object(input, pointer, members)
  if (given === undefined) return undefined
  const kind = reader.oneOf(given['kind'], pointerTo(pointer, 'kind'), customKinds)
  const description = reader.text(given['description'], pointerTo(pointer, 'description'))
  if (kind === undefined || description === undefined) return undefined

  for (const [member, only] of [
    ['values', ['oneOf', 'someOf']],
    ['min', ['integer']],
    ['max', ['integer']],
  ] as const)
    if (Object.hasOwn(given, member) && !(only as readonly string[]).includes(kind))
      reader.fault(
        pointerTo(pointer, member),
        `nothing here: only ${only.join(' and ')} have it`,
        given[member],
      )
  const enumerated = kind === 'oneOf' || kind === 'someOf'
  const values = enumerated
    ? reader
        .list(given['values'], pointerTo(pointer, 'values'))
        .map(([value, at]) => reader.text(value, at))
    : undefined
  if (values?.length === 0)
    return reader.fault(pointer, 'at least one member of "values"', 'none', { said: true })
  if (values?.includes(undefined)) return undefined
  const { min, max } = given
  if (
    kind === 'integer' &&
    !(Number.isSafeInteger(min) && Number.isSafeInteger(max) && (min as number) <= (max as number))
  )
    return reader.fault(pointer, 'whole numbers "min" and "max", the first no greater', {
      min,
      max,
    })

  const fact = {
    kind,
    description,
    ...(values && { values: values as string[] }),
    ...(kind === 'integer' && { min: min as number, max: max as number }),
  }
  if (!Object.hasOwn(given, 'absence')) return fact
  const faults: Fault[] = []
  const at = pointerTo(pointer, 'absence')
  const absence = parseValue(kindOf(fact), given['absence'], at, (fault) => faults.push(fault))
  for (const fault of faults) reader.fault(fault.pointer, fault.expected, fault.got, { said: true })
  return absence === undefined ? undefined : { ...fact, absence }
}

import {
  didYouMean,
  facts,
  parseValue,
  pointerTo,
  shapeOf,
  type FactTable,
  type FactValue,
  type Fault,
  type Kind as FactKind,
  type Reader,
} from '../../engine/index.ts'
import { zipf } from './draw.ts'
import { expectedDuration, parseDuration } from './duration.ts'
import type { Draw } from './profile.ts'

const table: FactTable = facts

/** Facts that a profile may name: those that callers send. */
export const drawableFacts: readonly string[] = Object.entries(table).flatMap(
  ([fact, { origin }]) => (origin.by === 'engine' ? [] : [fact]),
)

const ways = ['oneOf', 'zipf', 'someOf', 'integer', 'before', 'after'] as const

/** Reads how each fact is drawn; what is wrong is reported with its place. */
export function parseFacts(
  reader: Reader,
  input: unknown,
  pointer: string,
): ReadonlyMap<string, Draw> {
  const draws = new Map<string, Draw>()
  for (const [fact, value, at] of reader.dictionary(input, pointer)) {
    const spec = table[fact]
    if (spec?.origin.by === 'engine')
      reader.fault(at, 'a fact that callers send', `${fact}, which the engine computes`, {
        part: 'name',
        said: true,
      })
    else if (spec === undefined && !/^custom\.[a-z][A-Za-z0-9]*$/.test(fact))
      reader.fault(at, 'a fact of the fact table, or custom.NAME of a pack', fact, {
        part: 'name',
        ...didYouMean(fact, drawableFacts),
      })
    else {
      const draw = parseDraw(reader, value, at, { fact, kind: spec?.kind })
      if (draw) draws.set(fact, draw)
    }
  }
  return draws
}

/** A fact and its kind; facts of packs have one that only the pack knows, which looks at the values when it is asked. */
type Of = { readonly fact: string; readonly kind: FactKind | undefined }

function parseDraw(reader: Reader, input: unknown, pointer: string, of: Of): Draw | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const value = valueOf(reader, input, pointer, of)
    return value === undefined ? undefined : { draw: 'constant', value }
  }
  const way = ways.find((each) => Object.hasOwn(input, each))
  if (way === undefined) {
    const [name] = Object.keys(input)
    return reader.fault(pointer, `a value, or an object with one of ${ways.join(', ')}`, input, {
      ...didYouMean(name, ways),
    })
  }
  const optional = way === 'zipf' ? ['exponent'] : way === 'someOf' ? ['least', 'most'] : []
  const given = reader.object(input, pointer, { required: [way], optional })!
  const at = pointerTo(pointer, way)
  switch (way) {
    case 'oneOf':
      return parseOneOf(reader, given[way], at, of)
    case 'zipf':
      return parseZipf(reader, given, pointer, of)
    case 'someOf':
      return parseSomeOf(reader, given, pointer, of)
    case 'integer': {
      if (of.kind && of.kind.kind !== 'integer') return misfit(reader, at, way, of)
      const range = bounds(reader, given[way], at, {
        expected: 'two whole numbers, the lesser first',
        read: (each) => (Number.isInteger(each) ? (each as number) : undefined),
      })
      if (range === undefined) return undefined
      const right = range.every((each) => valueOf(reader, each, at, of) !== undefined)
      return right ? { draw: 'wholeNumber', from: range[0], to: range[1] } : undefined
    }
    case 'before':
    case 'after': {
      const isTime = of.kind?.kind === 'timestamp' || of.kind?.kind === 'timestampOrNever'
      if (!isTime || (way === 'after') !== (of.fact === 'at')) return misfit(reader, at, way, of)
      const range = bounds(reader, given[way], at, {
        expected: `${expectedDuration}, or two of them, the lesser first`,
        read: parseDuration,
      })
      return range && { draw: way, leastMs: range[0], mostMs: range[1] }
    }
  }
}

function parseOneOf(reader: Reader, input: unknown, pointer: string, of: Of): Draw | undefined {
  const choices = reader.list(input, pointer).flatMap(([choice, at]) => {
    const given = reader.object(choice, at, { required: ['value'], optional: ['weight'] })
    if (given === undefined || !Object.hasOwn(given, 'value')) return []
    const weight = parseWeight(reader, given['weight'] ?? 1, pointerTo(at, 'weight'))
    const draw = parseDraw(reader, given['value'], pointerTo(at, 'value'), of)
    return weight !== undefined && draw ? [{ weight, of: draw }] : []
  })
  if (choices.length > 0) return { draw: 'weighted', choices }
  return Array.isArray(input) && input.length === 0
    ? reader.fault(pointer, 'at least one choice', input)
    : undefined
}

function parseZipf(
  reader: Reader,
  given: Readonly<Record<string, unknown>>,
  pointer: string,
  of: Of,
): Draw | undefined {
  const list = reader.list(given['zipf'], pointerTo(pointer, 'zipf'))
  const exponent = given['exponent'] ?? 1
  if (typeof exponent !== 'number' || !(exponent >= 0 && exponent <= 5))
    return reader.fault(pointerTo(pointer, 'exponent'), 'a number from 0 to 5', exponent)
  const weights = zipf(list.length, exponent)
  const choices = list.flatMap(([value, at], index) => {
    const parsed = valueOf(reader, value, at, of)
    return parsed === undefined
      ? []
      : [{ weight: weights[index]!, of: { draw: 'constant', value: parsed } as const }]
  })
  if (choices.length > 0) return { draw: 'weighted', choices }
  return list.length === 0
    ? reader.fault(pointerTo(pointer, 'zipf'), 'at least one value', given['zipf'])
    : undefined
}

function parseSomeOf(
  reader: Reader,
  given: Readonly<Record<string, unknown>>,
  pointer: string,
  of: Of,
): Draw | undefined {
  const at = pointerTo(pointer, 'someOf')
  if (of.kind && shapeOf(of.kind).depth === 0) return misfit(reader, at, 'someOf', of)
  const values = valueOf(reader, given['someOf'], at, of)
  if (!Array.isArray(values)) return undefined
  const { least = 0, most = values.length } = given
  const isCount = (count: unknown): count is number =>
    Number.isInteger(count) && (count as number) >= 0 && (count as number) <= values.length
  if (!isCount(least))
    return reader.fault(
      pointerTo(pointer, 'least'),
      `a whole number from 0 to ${values.length}`,
      least,
    )
  if (!isCount(most) || most < least)
    return reader.fault(
      pointerTo(pointer, 'most'),
      `a whole number from ${least} to ${values.length}`,
      most,
    )
  return { draw: 'someOf', values, least, most }
}

/** A whole number, since shares are worked out without rounding. */
export function parseWeight(reader: Reader, input: unknown, pointer: string): number | undefined {
  if (Number.isInteger(input) && (input as number) > 0 && (input as number) <= 1_000_000_000)
    return input as number
  return reader.fault(pointer, 'a whole number greater than 0', input)
}

/** One value or the least and the most. */
function bounds(
  reader: Reader,
  input: unknown,
  pointer: string,
  { expected, read }: { expected: string; read: (input: unknown) => number | undefined },
): readonly [number, number] | undefined {
  const [least, most] = (Array.isArray(input) && input.length === 2 ? input : [input, input]).map(
    read,
  )
  if (least !== undefined && most !== undefined && least <= most) return [least, most]
  return reader.fault(pointer, expected, input)
}

function valueOf(reader: Reader, input: unknown, pointer: string, { kind }: Of) {
  if (kind === undefined) {
    const isPlain = ['string', 'number', 'boolean'].includes(typeof input) || input === null
    const isList = Array.isArray(input) && input.every((each) => typeof each === 'string')
    if (isPlain || isList) return input as FactValue
    return reader.fault(pointer, 'a value: text, number, true, false, null or texts', input)
  }
  return parseValue(kind, input, pointer, (fault: Fault, hint) =>
    reader.fault(fault.pointer, fault.expected, fault.got, { said: true, ...hint?.() }),
  )
}

const fitting: Readonly<Record<string, string>> = {
  someOf: 'for a fact that holds several values',
  integer: 'for a fact that is a whole number',
  before: 'for a fact that is a time, but for "at"',
  after: 'for "at", counted from the profile’s own',
}

function misfit(reader: Reader, pointer: string, way: string, { fact }: Of): undefined {
  return reader.fault(pointer, `"${way}" ${fitting[way]}`, fact, { part: 'name' })
}

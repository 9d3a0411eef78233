import { pointerTo, type Reader } from '../../engine/index.ts'
import type { Arrivals, Form, People } from './profile.ts'

/** The smaller members of a profile. What is wrong is reported; what is read then no longer matters. */

type Json = Readonly<Record<string, unknown>>

export function parsePeople(reader: Reader, input: unknown, base: People): People {
  if (input === undefined) return base
  const sizes = ['tenants', 'users', 'addresses'] as const
  const given = reader.object(input, '/people', { optional: [...sizes, 'skew'] })
  if (given === undefined) return base
  const size = (name: (typeof sizes)[number]) =>
    given[name] === undefined
      ? base[name]
      : (parseCount(reader, given, '/people', name, 10_000_000) ?? base[name])
  const skew = given['skew'] ?? base.skew
  if (typeof skew !== 'number' || !(skew >= 0 && skew <= 5))
    reader.fault('/people/skew', 'a number from 0 to 5', skew)
  return {
    tenants: size('tenants'),
    users: size('users'),
    addresses: size('addresses'),
    skew: skew as number,
  }
}

export function parseForm(reader: Reader, input: unknown, pointer: string): Form {
  const single = { form: 'single', size: 1 } as const
  if (input === undefined || input === 'single') return single
  const forms = ['batch', 'stream'] as const
  const given = reader.object(input, pointer, { optional: forms })
  if (given === undefined) return single
  const form = forms.filter((each) => Object.hasOwn(given, each))
  if (form[0] === undefined || form.length > 1) {
    reader.fault(pointer, '"single", or an object with "batch" or "stream"', input)
    return single
  }
  return { form: form[0], size: parseCount(reader, given, pointer, form[0], 5_000) ?? 1 }
}

export function parseArrivals(reader: Reader, input: unknown): Arrivals | undefined {
  if (input === undefined) return undefined
  const members = ['minutes', 'meanPerMinute', 'peakPerMinute']
  const given = reader.object(input, '/arrivals', { required: members })
  if (given === undefined) return undefined
  for (const member of members) {
    const value = given[member]
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      reader.fault(pointerTo('/arrivals', member), 'a number greater than 0', value)
  }
  return given as Arrivals
}

export function parseShare(
  reader: Reader,
  input: unknown,
  pointer: string,
  otherwise: number,
): number {
  if (input === undefined) return otherwise
  if (typeof input === 'number' && input >= 0 && input <= 1) return input
  return reader.fault(pointer, 'a share from 0 to 1', input) ?? otherwise
}

export function parseCount(
  reader: Reader,
  given: Json,
  pointer: string,
  member: string,
  most: number,
): number | undefined {
  const value = given[member]
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= most)
    return value as number
  return reader.fault(pointerTo(pointer, member), `a whole number from 1 to ${most}`, value)
}

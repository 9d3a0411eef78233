import { didYouMean, oneOfThese, pointerTo, show, type Report } from './fault.ts'

/** What a fact may hold once parsed. Timestamps are milliseconds since 1970, `null` is "never happened". */
export type FactValue = boolean | string | number | null | readonly string[]

export type Kind =
  | { readonly kind: 'flag' }
  | { readonly kind: 'oneOf'; readonly values: readonly string[]; readonly aliases?: Aliases }
  | { readonly kind: 'someOf'; readonly values: readonly string[] }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'timestamp' }
  | {
      readonly kind: 'timestampOrNever'
      /** Times are read to the millisecond: cut off, or rounded up where the later time is the stricter. */
      readonly round?: 'up'
    }
  | { readonly kind: 'id'; readonly form: IdForm }
  | { readonly kind: 'ids'; readonly form: IdForm }

/** Other spellings that callers may use for a value, in lower case. */
export type Aliases = Readonly<Record<string, string>>

/** How an id is written. `names` are accepted from callers in place of ids (compared without case). */
export type IdForm = {
  readonly expected: string
  readonly pattern: RegExp
  readonly fold: 'lower' | 'upper'
  readonly names?: Aliases
  readonly examples: readonly string[]
}

export type ValueOf<K extends Kind> = K extends { kind: 'flag' }
  ? boolean
  : K extends { kind: 'oneOf'; values: readonly (infer V)[] }
    ? V
    : K extends { kind: 'someOf'; values: readonly (infer V)[] }
      ? readonly V[]
      : K extends { kind: 'integer' | 'timestamp' }
        ? number
        : K extends { kind: 'timestampOrNever' }
          ? number | null
          : K extends { kind: 'id' }
            ? string
            : readonly string[]

export const flag = { kind: 'flag' } as const
export const timestamp = { kind: 'timestamp' } as const
export const timestampOrNever = { kind: 'timestampOrNever' } as const
export const timestampOrNeverUp = { kind: 'timestampOrNever', round: 'up' } as const
export const integer = (min: number, max: number) => ({ kind: 'integer', min, max }) as const
export const oneOf = <const V extends readonly string[]>(values: V, aliases?: Aliases) =>
  ({ kind: 'oneOf', values, ...(aliases && { aliases }) }) as const
export const someOf = <const V extends readonly string[]>(values: V) =>
  ({ kind: 'someOf', values }) as const
export const id = (form: IdForm) => ({ kind: 'id', form }) as const
export const ids = (form: IdForm) => ({ kind: 'ids', form }) as const

/** What an operator can do with a value: `depth` 0 is a single value, 1 an array; `ordered` values can be less or greater. */
export type Shape = { readonly depth: number; readonly ordered: boolean }

export type JsonSchema = Readonly<Record<string, unknown>>

type Entry<K extends Kind> = {
  readonly shape: Shape
  /** What a caller should have sent, for faults and docs. */
  readonly expected: (kind: K) => string
  /** One value (of an array kind: one member) in its one true spelling, or undefined when it isn't one. */
  readonly member: (kind: K, input: unknown) => Exclude<FactValue, readonly string[]> | undefined
  /** Names to look among for "did you mean". */
  readonly names: (kind: K) => readonly string[]
  /** JSON Schema of one value as rules write it, and callers too unless `sentSchema` says more. */
  readonly schema: (kind: K) => JsonSchema
  readonly sentSchema?: (kind: K) => JsonSchema
}

const scalar = { depth: 0, ordered: false }
const ordered = { depth: 0, ordered: true }
const array = { depth: 1, ordered: false }
const none: readonly string[] = []
const isoText = 'an ISO 8601 time with its zone, such as "2026-11-22T09:30:00Z"'
const isoSchema = { type: 'string', format: 'date-time', examples: ['2026-11-22T09:30:00Z'] }

/** One entry a kind: everything that the parsers, the schemas and the rule checks need to know of it. */
const kinds: { readonly [N in Kind['kind']]: Entry<Extract<Kind, { kind: N }>> } = {
  flag: {
    shape: scalar,
    expected: () => 'true or false',
    member: (_, input) => (typeof input === 'boolean' ? input : undefined),
    names: () => none,
    schema: () => ({ type: 'boolean' }),
  },
  oneOf: {
    shape: scalar,
    expected: (kind) => oneOfThese(kind.values),
    member: (kind, input) => memberOf(kind.values, input, kind.aliases),
    names: (kind) => kind.values,
    schema: (kind) => ({ enum: kind.values }),
    sentSchema: ({ values, aliases }) =>
      aliases === undefined ? { enum: values } : { anyOf: [{ enum: values }, { type: 'string' }] },
  },
  someOf: {
    shape: array,
    expected: (kind) => oneOfThese(kind.values, 20),
    member: (kind, input) => memberOf(kind.values, input),
    names: (kind) => kind.values,
    schema: (kind) => ({ enum: kind.values }),
  },
  integer: {
    shape: ordered,
    expected: (kind) => `a whole number from ${kind.min} to ${kind.max}`,
    member: (kind, input) =>
      Number.isInteger(input) && (input as number) >= kind.min && (input as number) <= kind.max
        ? (input as number) + 0 // -0 is 0
        : undefined,
    names: () => none,
    schema: (kind) => ({ type: 'integer', minimum: kind.min, maximum: kind.max }),
  },
  timestamp: {
    shape: ordered,
    expected: () => isoText,
    member: (_, input) => parseTime(input),
    names: () => none,
    schema: () => isoSchema,
  },
  timestampOrNever: {
    shape: ordered,
    expected: () => `${isoText}, or null for never`,
    member: ({ round }, input) => (input === null ? null : parseTime(input, round)),
    names: () => none,
    schema: () => ({ ...isoSchema, type: ['string', 'null'] }),
  },
  id: {
    shape: scalar,
    expected: (kind) => kind.form.expected,
    member: (kind, input) => parseId(kind.form, input),
    names: (kind) => Object.keys(kind.form.names ?? {}),
    schema: (kind) => idSchema(kind.form),
  },
  ids: {
    shape: array,
    expected: (kind) => kind.form.expected,
    member: (kind, input) => parseId(kind.form, input),
    names: (kind) => Object.keys(kind.form.names ?? {}),
    schema: (kind) => idSchema(kind.form),
  },
}

const entry = (kind: Kind) => kinds[kind.kind] as Entry<Kind>

export const shapeOf = (kind: Kind): Shape => entry(kind).shape
export const expectedMember = (kind: Kind): string => entry(kind).expected(kind)
export const memberNames = (kind: Kind): readonly string[] => entry(kind).names(kind)
export const parseMember = (kind: Kind, input: unknown) => entry(kind).member(kind, input)
export const memberSchema = (kind: Kind): JsonSchema => entry(kind).schema(kind)

/** JSON Schema of a whole value as a caller sends it. */
export function valueSchema(kind: Kind): JsonSchema {
  const { sentSchema, schema } = entry(kind)
  const member = (sentSchema ?? schema)(kind)
  return shapeOf(kind).depth === 0
    ? member
    : { type: 'array', maxItems: mostMembers, items: member }
}

/** "one of a, b", or "an array, each one of a, b". */
export const expectedValue = (kind: Kind): string =>
  shapeOf(kind).depth === 0 ? expectedMember(kind) : `an array, each ${expectedMember(kind)}`

/** A user holds a handful of roles and methods; more than this is not a sign-in. */
export const mostMembers = 256

/** Reads a value of that kind as a caller sent it. Reports every fault, and then returns undefined. */
export function parseValue(
  kind: Kind,
  input: unknown,
  pointer: string,
  report: Report,
): FactValue | undefined {
  if (shapeOf(kind).depth === 0) return memberOrFault(kind, input, pointer, report)
  if (!Array.isArray(input) || input.length > mostMembers) {
    const alone = typeof input === 'string' ? parseMember(kind, input) : undefined
    report(
      {
        pointer,
        expected: Array.isArray(input) ? `at most ${mostMembers} members` : expectedValue(kind),
        got: show(input),
      },
      () => (alone === undefined ? {} : { hint: `did you mean [${show(input)}]?` }),
    )
    return undefined
  }
  const members = input.map((member, index) =>
    memberOrFault(kind, member, pointerTo(pointer, index), report),
  )
  return members.includes(undefined) ? undefined : (members as string[])
}

function memberOrFault(kind: Kind, input: unknown, pointer: string, report: Report) {
  const value = parseMember(kind, input)
  if (value === undefined)
    report({ pointer, expected: expectedMember(kind), got: show(input) }, () =>
      didYouMean(input, memberNames(kind)),
    )
  return value
}

/** A parsed value as JSON shows it: the inverse of `parseValue`. */
export function printValue(kind: Kind, value: FactValue): FactValue {
  const isTime = kind.kind === 'timestamp' || kind.kind === 'timestampOrNever'
  return isTime && typeof value === 'number' ? new Date(value).toISOString() : value
}

function memberOf(values: readonly string[], input: unknown, aliases?: Aliases) {
  if (typeof input !== 'string') return undefined
  const at = values.indexOf(input)
  if (at >= 0) return values[at] // the table's own text: equal texts that are one object compare at once
  const folded = input.toLowerCase()
  return aliases && Object.hasOwn(aliases, folded) ? aliases[folded] : undefined
}

function parseId(form: IdForm, input: unknown): string | undefined {
  if (typeof input !== 'string' || input.length > 128) return undefined
  const folded = form.fold === 'lower' ? input.toLowerCase() : input.toUpperCase()
  if (form.pattern.test(folded)) return folded
  const name = input.toLowerCase()
  return namesWithoutCase(form.names).get(name)
}

const foldedNames = new WeakMap<Aliases, ReadonlyMap<string, string>>()
const noNames: ReadonlyMap<string, string> = new Map()

function namesWithoutCase(names: Aliases | undefined): ReadonlyMap<string, string> {
  if (names === undefined) return noNames
  let folded = foldedNames.get(names)
  if (folded === undefined) {
    folded = new Map(Object.entries(names).map(([name, id]) => [name.toLowerCase(), id]))
    foldedNames.set(names, folded)
  }
  return folded
}

const idSchema = (form: IdForm): JsonSchema => ({
  type: 'string',
  minLength: 1,
  maxLength: 128,
  examples: form.examples,
})

const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3}(\d{1,6})?)?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/
/** The years 0 to 9999: what ISO 8601 can write with four digits. In milliseconds since 1970. */
export const yearZero = -62_167_219_200_000
export const lastInstant = 253_402_300_799_999

/** Milliseconds since 1970, or undefined for anything but an ISO 8601 time that has a zone and exists in the calendar. */
function parseTime(input: unknown, round?: 'up'): number | undefined {
  const match = typeof input === 'string' ? isoTime.exec(input) : null
  if (match === null) return undefined
  const [text, year, month, day, beyondMilliseconds = ''] = match
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number(day) > lastDay) return undefined // Date.parse would roll 30 February over into March
  const time = Date.parse(text) + (round === 'up' && /[1-9]/.test(beyondMilliseconds) ? 1 : 0)
  return time >= yearZero && time <= lastInstant ? time : undefined
}

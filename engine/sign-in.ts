import { facts as standardFacts, type FactTable, type SignIn } from './facts.ts'
import { didYouMean, oneOfThese, pointerTo, show, type Fault, type Report } from './fault.ts'
import { expectedValue, parseValue, printValue, type FactValue } from './kinds.ts'

/** A fact that the caller left out, and the value that was assumed for it. */
export type Assumed = {
  readonly fact: string
  /** As JSON shows it: times in ISO 8601. */
  readonly value: FactValue
  readonly because: string
}

/** What somebody declares to be so for a fact that callers leave out, in place of the strictest value. */
export type Assumption = {
  readonly fact: string
  readonly value: FactValue
  readonly reason: string
}

/** Who and where. It travels with the sign-in, past the rules; the correlation id comes back. */
export type Envelope = { readonly [M in (typeof envelopeMembers)[number]]?: string }

export const envelopeMembers = [
  'correlationId',
  'tenantId',
  'userId',
  'userPrincipalName',
  'ipAddress',
] as const

export const longestEnvelopeMember = 256

export type ParsedSignIn =
  | {
      readonly signIn: SignIn
      readonly assumed: readonly Assumed[]
      readonly envelope: Envelope
      readonly faults?: never
    }
  | { readonly faults: readonly [Fault, ...Fault[]] }

/** Reads a sign-in as a caller sent it. `now` (milliseconds) stands in for a missing `at`; without it `at` is required. */
export type SignInParser = (input: unknown, now?: number) => ParsedSignIn

const strictest = 'left out: the strictest value is assumed'
const declared = 'left out: assumed as the pack declares for its fact'
const clockOfTheService = 'left out: the time at which the question came in'
/** Clocks of one company differ; a time this far ahead of the sign-in is no contradiction yet. */
export const clockSkewMs = 5 * 60_000
const mostFaults = 20
const mostHints = 5

/** What a sign-in says fact by fact, before it is looked at as a whole. */
export type Told = {
  readonly given: Pick<ReadonlyMap<string, FactValue>, 'get'>
  /** Facts of which it says anything, be it wrong. */
  readonly seen: Pick<ReadonlySet<string>, 'has'>
  readonly envelope: Envelope
  readonly faults: readonly Fault[]
}

export type SignInReader = {
  readonly parse: SignInParser
  readonly tell: (input: Readonly<Record<string, unknown>>) => Told
  readonly complete: (told: Told, now?: number) => ParsedSignIn
  /** What stands in for a fact that is left out; undefined where none is right by itself. */
  readonly absent: (fact: string) => FactValue | undefined
}

/**
 * A parser for one fact table. Every fact of the result is present and of its kind, or there are faults: nothing is
 * coerced, skipped or guessed. `reads`, when given, limits what is listed as assumed to the facts that a rule set reads.
 */
export function signInParser(
  table: FactTable = standardFacts,
  assumptions: readonly Assumption[] = [],
  reads?: ReadonlySet<string>,
): SignInParser {
  return signInReader(table, assumptions, reads).parse
}

/** The same, and the two steps of it: what is said of each fact, and what follows for the others. */
export function signInReader(
  table: FactTable,
  assumptions: readonly Assumption[],
  reads?: ReadonlySet<string>,
): SignInReader {
  const members = membersByArea(table)
  const specs = Object.entries(table)
  const classes = specs.flatMap(([fact, { origin }]) =>
    origin.by === 'class' ? [[fact, origin] as const] : [],
  )
  const pointers = new Map(specs.map(([fact]) => [fact, pointerOf(fact)]))
  const areaNames = [...members.keys(), 'envelope']
  const pastFacts = specs.flatMap(([fact, { isPast }]) => (isPast ? [fact] : []))
  const assumedFacts = assumedFor(table, assumptions)
  // Copies of one object have one shape, whose members are read faster than those of objects that grew one by one.
  const blank: Readonly<Record<string, FactValue>> = Object.fromEntries(
    specs.map(([fact]) => [fact, null]),
  )
  const listed = (fact: string) => reads === undefined || reads.has(fact)

  const parse: SignInParser = (input, now) => {
    if (isObject(input)) return complete(tell(input), now)
    const hint = `a sign-in has the members ${areaNames.join(', ')}`
    return { faults: [{ pointer: '', expected: 'a sign-in (an object)', got: show(input), hint }] }
  }

  function tell(input: Readonly<Record<string, unknown>>): Told {
    const faults: Fault[] = []
    const report = reportTo(faults)
    const given = new Map<string, FactValue>()
    const seen = new Set<string>()
    let envelope: Envelope = {}

    const read = (fact: string, value: unknown) => {
      const { kind, origin } = table[fact]!
      const pointer = pointers.get(fact)!
      seen.add(fact)
      if (origin.by === 'engine') {
        report({
          pointer,
          expected: 'nothing here',
          got: show(value),
          hint: `${fact} is computed from ${origin.from.join(', ')}`,
        })
        return
      }
      const parsed = parseValue(kind, value, pointer, report)
      if (parsed !== undefined) given.set(fact, parsed)
    }

    for (const name of Object.keys(input)) {
      const value = input[name]
      const area = members.get(name)
      if (name === 'envelope') envelope = readEnvelope(value, '/envelope', report)
      else if (area === undefined)
        unknownMember(report, pointerTo('', name), name, areaNames, 'area')
      else if (typeof area === 'string') read(area, value)
      else if (!isObject(value)) {
        for (const fact of area.values()) seen.add(fact)
        report({
          pointer: pointerTo('', name),
          expected: `an object with members such as ${oneOfThese([...area.keys()], 4)}`,
          got: show(value),
          hint: 'facts are grouped by area, and every area is an object',
        })
      } else
        for (const member of Object.keys(value)) {
          const fact = area.get(member)
          if (fact !== undefined) read(fact, value[member])
          else {
            const at = pointerTo(pointerTo('', name), member)
            unknownMember(report, at, member, [...area.keys()], 'fact')
          }
        }
    }

    return { given, seen, envelope, faults }
  }

  function complete(told: Told, now?: number): ParsedSignIn {
    const { seen, envelope } = told
    const classed = new Map<string, string>()
    const valueOf = (fact: string) => classed.get(fact) ?? told.given.get(fact)
    const faults = [...told.faults]
    const report = reportTo(faults)
    for (const [fact, origin] of classes) {
      const member = told.given.get(origin.of) as string | undefined
      const value = told.given.get(fact)
      if (member !== undefined) {
        const right = origin.classOf(member)
        if (value !== undefined && value !== right)
          report({
            pointer: pointerOf(fact),
            expected: `${show(right)}, the class of ${origin.of} ${show(member)}`,
            got: show(value),
          })
        classed.set(fact, right)
      } else if (value !== undefined) {
        if (reads?.has(origin.of))
          report({
            pointer: pointerOf(origin.of),
            expected: expectedValue(table[origin.of]!.kind),
            got: 'nothing',
            hint: 'required: the rules look at it, and its class does not tell',
          })
        else if (!seen.has(origin.of)) classed.set(origin.of, origin.plainest(value as string))
      } else if (!seen.has(fact) && !seen.has(origin.of)) {
        report({
          pointer: pointerOf(fact),
          expected: expectedValue(table[fact]!.kind),
          got: 'nothing',
          hint: `required: send ${fact} or ${origin.of}`,
        })
      }
    }

    const assumed: Assumed[] = []
    const signIn: Record<string, FactValue> = { ...blank }
    for (const [fact, { kind, origin }] of specs) {
      let value = valueOf(fact)
      if (origin.by === 'engine') {
        value = faults.length === 0 ? origin.compute(signIn) : null
      } else if (value === undefined && !seen.has(fact)) {
        const absence = assumedFacts.get(fact)
        if (fact === 'at' && now !== undefined) {
          value = now
          assumed.push(assumedNow(now))
        } else {
          value = absent(fact)
          if (absence !== undefined && listed(fact)) assumed.push(absence.shown)
          if (value === undefined && origin.by === 'caller' && origin.absence !== 'classified')
            report({
              pointer: pointerOf(fact),
              expected: expectedValue(kind),
              got: 'nothing',
              hint: 'required: nothing is assumed for it',
            })
        }
      }
      signIn[fact] = value ?? null
    }
    const at = signIn['at']
    for (const fact of pastFacts) {
      const time = valueOf(fact)
      if (isLater(time, at))
        report({
          pointer: pointerOf(fact),
          expected: 'a time that is not after the sign-in’s own',
          got: isoOf(time),
          hint: `the sign-in is at ${isoOf(at)}`,
        })
    }

    const [first, ...more] = faults
    if (first !== undefined) return { faults: [first, ...more] }
    return { signIn: signIn as SignIn, assumed, envelope }
  }

  function absent(fact: string): FactValue | undefined {
    const assumption = assumedFacts.get(fact)
    if (assumption !== undefined) return assumption.value
    const { origin } = table[fact]!
    const stands = origin.by === 'caller' && origin.absence === 'refusedIfRead' && !reads?.has(fact)
    return stands ? origin.value : undefined
  }

  return { parse, tell, complete, absent }
}

/** Whether what lies in the past of a sign-in is said to be after it. */
export const isLater = (time: FactValue | undefined, at: FactValue | undefined): boolean =>
  typeof time === 'number' && typeof at === 'number' && time > at + clockSkewMs

const isoOf = (time: unknown): string => new Date(time as number).toISOString()

const reportTo =
  (faults: Fault[]): Report =>
  (fault, hint) => {
    if (faults.length === mostFaults) return
    faults.push(hint && faults.length < mostHints ? { ...fault, ...hint() } : fault)
  }

/** The sign-in as a caller would send it, with every fact in place: the inverse of the parser. */
export function printSignIn(signIn: SignIn, table: FactTable = standardFacts) {
  const printed: Record<string, FactValue | Record<string, FactValue>> = {}
  for (const [fact, { kind, origin }] of Object.entries(table)) {
    if (origin.by === 'engine') continue
    const value = printValue(kind, (signIn as Record<string, FactValue>)[fact]!)
    const [area, member] = fact.split('.') as [string, string | undefined]
    if (member === undefined) printed[area] = value
    else printed[area] = { ...(printed[area] as Record<string, FactValue>), [member]: value }
  }
  return printed
}

/** `/user/roles` for `user.roles`. */
export const pointerOf = (fact: string): string => `/${fact.replaceAll('.', '/')}`

/** What is taken for facts that are left out: the pack's assumption where it has one, else the table's. */
export function assumedFor(
  table: FactTable,
  assumptions: readonly Assumption[],
): ReadonlyMap<string, { readonly value: FactValue; readonly shown: Assumed }> {
  const declaredOf = new Map(assumptions.map((assumption) => [assumption.fact, assumption]))
  return new Map(
    Object.entries(table).flatMap(([fact, { kind, origin }]) => {
      const assumption = declaredOf.get(fact)
      const fromTable = origin.by === 'caller' && origin.absence === 'assumed'
      if (assumption === undefined && !fromTable) return []
      const value = assumption !== undefined ? assumption.value : fromTable ? origin.value : null
      const because = assumption?.reason ?? (fact.startsWith('custom.') ? declared : strictest)
      const shown = Object.freeze({ fact, value: printValue(kind, value), because })
      return [[fact, Object.freeze({ value, shown })]]
    }),
  )
}

/** That the time of the question stands in for that of the sign-in. */
export const assumedNow = (now: number): Assumed => ({
  fact: 'at',
  value: printValue(standardFacts.at.kind, now),
  because: clockOfTheService,
})

/** Area → member → fact id; a fact without an area stands for itself. */
export function membersByArea(
  table: FactTable,
): ReadonlyMap<string, string | ReadonlyMap<string, string>> {
  const tree = new Map<string, string | Map<string, string>>()
  for (const fact of Object.keys(table)) {
    const [area, member] = fact.split('.') as [string, string | undefined]
    if (member === undefined) tree.set(area, fact)
    else {
      const members = tree.get(area)
      if (members instanceof Map) members.set(member, fact)
      else tree.set(area, new Map([[member, fact]]))
    }
  }
  return tree
}

function readEnvelope(input: unknown, pointer: string, report: Report): Envelope {
  if (!isObject(input)) {
    report({ pointer, expected: 'an object', got: show(input) })
    return {}
  }
  const envelope: Record<string, string> = {}
  for (const [member, value] of Object.entries(input)) {
    const at = pointerTo(pointer, member)
    if (!(envelopeMembers as readonly string[]).includes(member))
      unknownMember(report, at, member, envelopeMembers, 'member of the envelope')
    else if (typeof value !== 'string' || value.length > longestEnvelopeMember)
      report({
        pointer: at,
        expected: `a string of at most ${longestEnvelopeMember} characters`,
        got: show(value),
      })
    else envelope[member] = value
  }
  return envelope
}

function unknownMember(
  report: Report,
  pointer: string,
  member: string,
  names: readonly string[],
  what: string,
): void {
  const expected = `a known ${what}: ${oneOfThese(names)}`
  report({ pointer, about: 'name', expected, got: show(member) }, () => ({
    hint:
      didYouMean(member, names).hint ?? 'leave it out: what is not known might be a misspelt fact',
  }))
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

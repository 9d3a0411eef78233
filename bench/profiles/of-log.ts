import {
  comparisonsOf,
  facts,
  parseValue,
  printValue,
  type FactTable,
  type FactValue,
  type RuleSet,
} from '../../engine/index.ts'
import { mapFields, replayAssumptions, rowsOf, type FactsOfRow } from '../../replay/index.ts'
import { generalised, type GivenUp, type Group, type Step } from './generalise.ts'
import type { Arrivals } from './profile.ts'

export type LogFile = { readonly name: string; readonly text: string }

export type LogProfileOptions = {
  /** Of the profile, in lower case with hyphens. */
  readonly name?: string
  /** Fewer people than this are never told apart from others. */
  readonly usersAtLeast?: number
  /** Resources that their rules name are kept; others become "none of the listed ones". */
  readonly ruleSets?: readonly RuleSet[]
}

export type LogProfile = {
  /** What `readProfile` reads, as JSON; missing when no row is a sign-in that can be decided. */
  readonly profile?: Readonly<Record<string, unknown>>
  readonly report: LogProfileReport
}

/** For the owner of the log; it holds texts of it, which the profile does not. */
export type LogProfileReport = {
  readonly rows: number
  readonly signIns: number
  readonly users: number
  readonly kinds: number
  readonly usersAtLeast: number
  /** Combinations of facts of fewer users than that, and their sign-ins: made less particular until they are like others. */
  readonly rare: { readonly kinds: number; readonly signIns: number }
  readonly givenUp: readonly GivenUp[]
  /** Sign-ins to resources that no rule and no table names. */
  readonly otherResources: number
  readonly unmapped: readonly Tallied[]
  /** Values that are none of ours and count as lacking. */
  readonly unrecognised: readonly Tallied[]
  /** Facts that not every sign-in of the log has, what they are then, and why. */
  readonly assumed: readonly (Tallied & { readonly fact: string; readonly value: FactValue })[]
  readonly arrivals?: Arrivals
}

type Tallied = { readonly what: string; readonly rows: number }

const table: FactTable = facts
const minuteMs = 60_000
const hourMs = 3_600_000

/** The application that asks says much about a user, and nothing to rules of security defaults. */
const dropped = ['client.appId']

const general = new Map(replayAssumptions.map(({ fact, value }) => [fact, value]))
const to = (value: FactValue) => () => value
const { origin: classes } = facts['client.app']

/** What is given up first matters least to decisions. */
const steps: readonly Step[] = [
  ...['location.country', 'device.platform', 'device.compliant'].map(usual),
  {
    fact: 'user.registeredMethods',
    general: (value) =>
      (value as readonly string[]).length > 0 ? ['microsoftAuthenticatorPush'] : value,
  },
  {
    fact: 'client.clientAppUsed',
    general: (value) => classes.plainest(classes.classOf(value as string)),
  },
  ...[
    'resource.appId',
    'risk.signIn',
    'client.authenticationFlow',
    'user.type',
    'session.mfa',
    'user.registeredMethods',
  ].map(usual),
  { fact: 'client.clientAppUsed', general: to('Browser') },
]

function usual(fact: string): Step {
  return { fact, general: to(general.get(fact)!) }
}

/**
 * A profile of real sign-in logs that names nobody: it holds the combinations of facts that rules look at, how often each
 * came, and how often sign-ins came at all. No ids, addresses, names or times of the log are in it.
 */
export function profileOfLog(
  files: readonly LogFile[],
  { name = 'from-log', usersAtLeast = 5, ruleSets = [] }: LogProfileOptions = {},
): LogProfile {
  const tally = { unmapped: tallies(), unrecognised: tallies(), assumed: tallies() }
  const times: number[] = []
  const found = new Map<string, { facts: Group['facts']; signIns: number; users: Set<string> }>()
  const users = new Set<string>()
  let foreign = 0
  const resources = resourcesOf(ruleSets)
  let rows = 0
  for (const row of files.flatMap(({ text }) => rowsOf(text))) {
    rows++
    const mapped =
      row.unreadable !== undefined
        ? { unmapped: row.unreadable }
        : row.entry !== undefined
          ? { unmapped: 'an entry of a decision log' }
          : mapFields(row.fields)
    if (mapped.unmapped !== undefined) {
      tally.unmapped.add(mapped.unmapped)
      continue
    }
    mapped.unrecognised.forEach(tally.unrecognised.add)
    users.add(mapped.user)
    times.push(mapped.at)
    const facts = factsOf(mapped.facts)
    for (const fact of general.keys()) if (!facts.has(fact)) tally.assumed.add(fact)
    const resource = facts.get('resource.appId')
    if (resource !== undefined && !resources.has(resource as string)) {
      foreign++
      facts.delete('resource.appId')
    }
    const alike = complete(facts)
    const key = JSON.stringify([...alike])
    const group = found.get(key) ?? { facts: alike, signIns: 0, users: new Set() }
    group.signIns++
    group.users.add(mapped.user)
    found.set(key, group)
  }

  const rare = [...found.values()].filter(({ users }) => users.size < usersAtLeast)
  const { groups, givenUp } = generalised([...found.values()], steps, usersAtLeast)
  const arrivals = arrivalsOf(times)
  const report: LogProfileReport = {
    rows,
    signIns: times.length,
    users: users.size,
    kinds: groups.length,
    usersAtLeast,
    rare: { kinds: rare.length, signIns: rare.reduce((sum, { signIns }) => sum + signIns, 0) },
    givenUp,
    otherResources: foreign,
    unmapped: tally.unmapped.list(),
    unrecognised: tally.unrecognised.list(),
    assumed: tally.assumed.list().map(({ what: fact, rows }) => {
      const { value, reason } = replayAssumptions.find((each) => each.fact === fact)!
      return { fact, value: printValue(table[fact]!.kind, value), what: reason, rows }
    }),
    ...(arrivals && { arrivals }),
  }
  if (arrivals === undefined) return { report }
  return {
    report,
    profile: {
      name,
      description: `Made from a sign-in log: ${times.length} sign-ins in ${groups.length} kinds; kinds of fewer than ${usersAtLeast} users were made less particular`,
      questions: Math.min(5_000, Math.max(1_000, times.length)),
      people: {
        users: Math.max(usersAtLeast, users.size),
        addresses: Math.max(usersAtLeast, users.size),
      },
      arrivals,
      common: {
        at: { after: ['0s', `${Math.ceil((arrivals.minutes * minuteMs) / hourMs)}h`] },
        ...printed(general),
      },
      kinds: groups.map(({ facts, signIns }) => {
        const own = printed(new Map([...facts].filter(([fact, value]) => !isUsual(fact, value))))
        return { name: kindName(own), weight: signIns, facts: own }
      }),
    },
  }
}

/** Facts of the row in their one true spelling; what is not of its kind counts as lacking. */
function factsOf(signIn: FactsOfRow): Map<string, FactValue> {
  const found = new Map<string, FactValue>()
  for (const [area, members] of Object.entries(signIn)) {
    for (const [member, given] of Object.entries(members)) {
      const fact = `${area}.${member}`
      const spec = table[fact]
      if (spec === undefined || dropped.includes(fact)) continue
      const value = parseValue(spec.kind, given, '', () => undefined)
      if (value !== undefined) found.set(fact, value)
    }
  }
  return found
}

/** With what replay assumes for the facts that were looked for and are lacking, so that all groups have the same facts. */
const complete = (found: ReadonlyMap<string, FactValue>): Group['facts'] =>
  new Map([
    ...steps.flatMap(({ fact }): [string, FactValue][] =>
      general.has(fact) ? [[fact, general.get(fact)!]] : [],
    ),
    ...found,
  ])

/** Ids of resources that the fact table or rules know; an application of a company's own would give it away. */
function resourcesOf(ruleSets: readonly RuleSet[]): ReadonlySet<string> {
  const named = ruleSets.flatMap(({ rules, conditions }) =>
    [...rules.map(({ conditions }) => conditions), ...Object.values(conditions)]
      .flatMap((condition) => [...comparisonsOf(condition)])
      .filter(({ fact }) => fact === 'resource.appId')
      .flatMap(({ value }) => value as string | readonly string[]),
  )
  const { names = {} } = facts['resource.appId'].kind.form
  return new Set([...Object.values(names), ...named])
}

const isUsual = (fact: string, value: FactValue): boolean =>
  JSON.stringify(general.get(fact)) === JSON.stringify(value)

const printed = (values: ReadonlyMap<string, FactValue>): Record<string, FactValue> =>
  Object.fromEntries(
    [...values].map(([fact, value]) => [fact, printValue(table[fact]!.kind, value)]),
  )

const kindName = (own: Readonly<Record<string, FactValue>>): string =>
  Object.entries(own)
    .map(([fact, value]) => `${fact.split('.')[1]} ${String(value)}`)
    .join(', ')

/** A mean and a peak, by minutes of the log's own; no more of when people work than that. */
function arrivalsOf(times: readonly number[]): Arrivals | undefined {
  if (times.length === 0) return undefined
  const minutes = times.map((time) => Math.floor(time / minuteMs)).sort((a, b) => a - b)
  const counts = new Map<number, number>()
  for (const minute of minutes) counts.set(minute, (counts.get(minute) ?? 0) + 1)
  const span = minutes.at(-1)! - minutes[0]! + 1
  return {
    minutes: span,
    meanPerMinute: Number((times.length / span).toPrecision(3)),
    peakPerMinute: [...counts.values()].reduce((peak, count) => Math.max(peak, count)),
  }
}

/** Counts by name; most first. */
function tallies() {
  const counts = new Map<string, number>()
  return {
    add: (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    list: (): readonly Tallied[] =>
      [...counts]
        .map(([what, rows]) => ({ what, rows }))
        .sort((a, b) => b.rows - a.rows || (a.what < b.what ? -1 : 1)),
  }
}

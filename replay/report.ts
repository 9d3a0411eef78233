import { outcomes, type Outcome } from '../engine/index.ts'
import { answerOf } from './answer.ts'
import { deviceKind, type DeviceKind } from './devices.ts'
import { dayText, promptsOf, type PromptLoad } from './prompts.ts'
import type { Question } from './replay.ts'
import type { Survey } from './survey.ts'
import {
  dimensions,
  type Bounds,
  type Dimension,
  type Flows,
  type Tally,
  type UserTally,
} from './tally.ts'
import { warningsOf } from './warnings.ts'

/** What a replay found; docs/replay.md says what its members mean. Every row is decided or unmapped: `rows = decided + unmapped`, always. */
export type Report = {
  readonly v: 1
  /** In one sentence. */
  readonly answer: string
  readonly ruleSet: RuleSetName
  /** What is compared with: what the logs say became of each sign-in, or the decisions of another rule set. */
  readonly before: 'recorded' | RuleSetName
  readonly window?: { readonly from: string; readonly to: string; readonly days: number }
  /** As if it had been switched on then. */
  readonly enabledAt?: string
  readonly rows: number
  readonly decided: number
  readonly unmapped: number
  readonly warnings: readonly string[]
  readonly users: {
    readonly seen: number
    /** With a sign-in that is challenged or blocked and was not, or blocked and was challenged. */
    readonly hit: Readonly<Bounds>
    readonly blocked: number
    readonly challenged: number
    readonly mustRegister: number
    readonly administrators: number
    /** With a sign-in that is decided less strictly than before. */
    readonly loosened: number
  }
  readonly flows: readonly {
    readonly before: Outcome
    readonly after: Outcome
    readonly signIns: number
    readonly users: number
  }[]
  readonly requirements: readonly {
    readonly requirement: string
    readonly signIns: number
    readonly users: number
  }[]
  readonly by: Readonly<Record<Dimension, readonly Ranked[]>>
  /** In order of work: whom something is blocked, who must register and by when, who is asked more. */
  readonly people: readonly Person[]
  /** How many have to have registered by when. */
  readonly registrations: readonly { readonly day: string; readonly users: number }[]
  readonly devices: readonly Device[]
  /** Attempts without the right password, by account. */
  readonly noise: {
    readonly attempts: number
    readonly accounts: number
    readonly most: readonly Guessed[]
  }
  readonly prompts: PromptLoad
  readonly files: readonly {
    readonly file: string
    readonly shape: string
    readonly rows: number
    readonly decided: number
  }[]
  readonly categories: readonly { readonly category: string; readonly signIns: number }[]
  readonly unmappedReasons: readonly {
    readonly reason: string
    readonly rows: number
    /** The first of them. */
    readonly places: readonly { readonly file: string; readonly row: number }[]
  }[]
  readonly assumed: readonly {
    readonly fact: string
    readonly value: unknown
    readonly because: string
    readonly rows: number
  }[]
  readonly inferred: readonly { readonly inference: string; readonly signIns: number }[]
  readonly unrecognised: readonly { readonly value: string; readonly signIns: number }[]
}

type RuleSetName = { readonly id: string; readonly revision: string }
export type Ranked = {
  readonly name: string
  readonly signIns: number
  readonly hits: number
  readonly allow: number
  readonly challenge: number
  readonly block: number
  /** Users with hits. */
  readonly users: number
}
export type Person = {
  readonly user: string
  readonly name?: string
  readonly type: string
  readonly signIns: number
  readonly hits: number
  readonly blocked: number
  readonly challenged: number
  readonly legacy: number
  readonly registerBy?: string
  readonly administrator: boolean
  /** Whether they are hit whatever is so of them, or only if it is as bad as it can be. */
  readonly certainty: 'certain' | 'likely' | 'possible'
  /** An account that only programs use: all of its sign-ins are with legacy clients, or silent. */
  readonly service: boolean
  readonly lastSeen: string
}
export type Device = {
  readonly kind: DeviceKind
  readonly user: string
  readonly name?: string
  readonly clientApp: string
  readonly ip: string
  readonly userAgent: string
  readonly signIns: number
  readonly hits: number
  readonly days: number
  readonly firstSeen: string
  readonly lastSeen: string
}
export type Guessed = {
  readonly user: string
  readonly attempts: number
  readonly sources: number
  /** Many sources are guessing; one or two are more likely a device with an old password. */
  readonly kind: 'guessing' | 'old password'
}

const mostRanked = 1_000
const mostGuessed = 100
const guessingFrom = 3
const dayMs = 86_400_000
const isoOf = (at: number) => new Date(at).toISOString()
const hardened = [1, 2, 5] // allow to challenge, allow to block, challenge to block
const loosened = [3, 6, 7]
const sum = (flows: Flows, at: readonly number[]) => at.reduce((all, each) => all + flows[each]!, 0)
const afterOf = (flows: Flows, outcome: number) => sum(flows, [outcome, 3 + outcome, 6 + outcome])
const isIn = <T>(list: readonly T[], value: T) => list.includes(value)
/** Where counts are equal, names decide; so no order depends on that of the rows. */
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export function reportOf(tally: Tally, survey: Survey, question: Question): Report {
  const users = [...tally.users]
  const count = (holds: (user: UserTally) => boolean) =>
    users.filter(([, user]) => holds(user)).length
  const files = [...tally.files]
    .map(([file, { shape, rows, decided }]) => ({ file, shape, rows, decided }))
    .sort((a, b) => byText(a.file, b.file))
  const rows = files.reduce((all, each) => all + each.rows, 0)
  const decided = files.reduce((all, each) => all + each.decided, 0)
  const nameOf = (user: string) => tally.users.get(user)?.name
  const { ruleSet, before } = question
  const enabledAt = question.enabledAt ?? survey.from
  const withoutAnswer = {
    v: 1 as const,
    ruleSet: { id: ruleSet.id, revision: ruleSet.revision },
    before: before ? { id: before.id, revision: before.revision } : ('recorded' as const),
    ...(survey.from !== undefined && {
      window: {
        from: isoOf(survey.from),
        to: isoOf(survey.to!),
        days: Math.round((10 * (survey.to! - survey.from)) / dayMs) / 10,
      },
    }),
    ...(enabledAt !== undefined && { enabledAt: isoOf(enabledAt) }),
    rows,
    decided,
    unmapped: rows - decided,
    warnings: warningsOf(tally, files, survey, question.directory),
    users: {
      seen: users.length,
      hit: {
        least: count(({ bounds }) => bounds.least > 0),
        usual: count(({ bounds }) => bounds.usual > 0),
        mostWithoutRole: count(({ bounds }) => bounds.mostWithoutRole > 0),
        most: count(({ bounds }) => bounds.most > 0),
      },
      blocked: count(({ flows }) => sum(flows, [2, 5]) > 0),
      challenged: count(({ flows }) => sum(flows, [1]) > 0),
      mustRegister: count(({ registerBy }) => registerBy !== undefined),
      administrators: count(({ isAdministrator }) => isAdministrator),
      loosened: count(({ flows }) => sum(flows, loosened) > 0),
    },
    flows: outcomes.flatMap((from, row) =>
      outcomes.map((to, column) => ({
        before: from,
        after: to,
        signIns: tally.flows[row * 3 + column]!,
        users: count(({ flows }) => flows[row * 3 + column]! > 0),
      })),
    ),
    requirements: [...tally.requirements]
      .map(([requirement, each]) => ({
        requirement,
        signIns: each.signIns,
        users: each.users.size,
      }))
      .sort((a, b) => b.signIns - a.signIns || byText(a.requirement, b.requirement)),
    by: Object.fromEntries(
      dimensions.map((dimension) => [dimension, ranked(tally.by[dimension])]),
    ) as Report['by'],
    people: users.map(([user, each]) => personOf(user, each)).sort(inOrderOfWork),
    registrations: registrationsOf(users),
    devices: [...tally.devices.values()]
      .map((each): Device => {
        const name = nameOf(each.user)
        return {
          kind: deviceKind(each, name),
          user: each.user,
          ...(name !== undefined && { name }),
          clientApp: each.clientApp,
          ip: each.ip,
          userAgent: each.userAgent,
          signIns: each.signIns,
          hits: each.hits,
          days: each.days.size,
          firstSeen: isoOf(each.from),
          lastSeen: isoOf(each.to),
        }
      })
      .sort(
        (a, b) =>
          b.hits - a.hits || b.signIns - a.signIns || byText(JSON.stringify(a), JSON.stringify(b)),
      ),
    noise: noiseOf(tally),
    prompts: promptsOf(tally.users),
    files,
    categories: mostFirst(tally.categories, (category, signIns) => ({ category, signIns })),
    unmappedReasons: [...tally.unmapped]
      .map(([reason, each]) => ({
        reason,
        rows: each.rows,
        places: each.places.map(({ file, row }) => ({ file, row })),
      }))
      .sort((a, b) => b.rows - a.rows || byText(a.reason, b.reason)),
    assumed: [...tally.assumed]
      .map(([fact, each]) => ({
        fact,
        value: JSON.parse(each.value) as unknown,
        because: each.because,
        rows: each.rows,
      }))
      .sort((a, b) => b.rows - a.rows || byText(a.fact, b.fact)),
    inferred: mostFirst(tally.inferred, (inference, signIns) => ({ inference, signIns })),
    unrecognised: mostFirst(tally.unrecognised, (value, signIns) => ({ value, signIns })),
  }
  return { answer: answerOf(withoutAnswer), ...withoutAnswer }
}

const mostFirst = <T>(
  counts: ReadonlyMap<string, number>,
  make: (name: string, count: number) => T,
): T[] =>
  [...counts]
    .sort(([a, one], [b, two]) => two - one || byText(a, b))
    .map(([name, count]) => make(name, count))

const ranked = (
  values: ReadonlyMap<string, { readonly flows: Flows; readonly users: ReadonlySet<string> }>,
): readonly Ranked[] =>
  [...values]
    .map(([name, { flows, users }]) => ({
      name,
      signIns: flows.reduce((all, each) => all + each, 0),
      hits: sum(flows, hardened),
      allow: afterOf(flows, 0),
      challenge: afterOf(flows, 1),
      block: afterOf(flows, 2),
      users: users.size,
    }))
    .sort((a, b) => b.hits - a.hits || b.signIns - a.signIns || byText(a.name, b.name))
    .slice(0, mostRanked)

function personOf(user: string, each: UserTally): Person {
  const { flows, bounds } = each
  const signIns = flows.reduce((all, count) => all + count, 0)
  return {
    user,
    ...(each.name !== undefined && { name: each.name }),
    type: each.type,
    signIns,
    hits: bounds.usual,
    blocked: sum(flows, [2, 5]),
    challenged: flows[1]!,
    legacy: each.legacy,
    ...(each.registerBy !== undefined && { registerBy: isoOf(each.registerBy) }),
    administrator: each.isAdministrator,
    certainty: bounds.least > 0 ? 'certain' : bounds.usual > 0 ? 'likely' : 'possible',
    service: isIn(['servicePrincipal', 'managedIdentity'], each.type) || each.interactive === 0,
    lastSeen: isoOf(each.lastAt),
  }
}

function inOrderOfWork(a: Person, b: Person): number {
  const never = '9999'
  return (
    b.blocked - a.blocked ||
    byText(a.registerBy ?? never, b.registerBy ?? never) ||
    b.challenged - a.challenged ||
    b.signIns - a.signIns ||
    byText(a.user, b.user)
  )
}

function registrationsOf(
  users: readonly (readonly [string, UserTally])[],
): Report['registrations'] {
  const days = new Map<string, number>()
  for (const [, { registerBy }] of users) {
    if (registerBy === undefined) continue
    const day = dayText(Math.floor(registerBy / dayMs))
    days.set(day, (days.get(day) ?? 0) + 1)
  }
  return [...days]
    .map(([day, count]) => ({ day, users: count }))
    .sort((a, b) => byText(a.day, b.day))
}

function noiseOf({ guesses }: Tally): Report['noise'] {
  const all = [...guesses].map(([user, { attempts, ips }]): Guessed => ({
    user,
    attempts,
    sources: ips.size,
    kind: ips.size >= guessingFrom ? 'guessing' : 'old password',
  }))
  return {
    attempts: all.reduce((total, { attempts }) => total + attempts, 0),
    accounts: all.length,
    most: all
      .sort((a, b) => b.attempts - a.attempts || byText(a.user, b.user))
      .slice(0, mostGuessed),
  }
}

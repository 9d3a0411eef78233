import {
  comparisonsOf,
  compile,
  factsRead,
  factTable,
  faultText,
  printValue,
  signInParser,
  type Assumed,
  type Assumption,
  type Decision,
  type FactSpec,
  type Outcome,
  type RuleSet,
  type SignIn,
} from '../engine/index.ts'
import { replayAssumptions } from './assumptions.ts'
import type { Directory, DirectoryUser } from './directory.ts'
import { mapEntry } from './entries.ts'
import {
  categoryOfFile,
  mapFields,
  signInOf,
  type Circumstances,
  type FactsOfRow,
  type Mapped,
  type OfLog,
} from './mapping.ts'
import { readInput, type Input } from './reading/inputs.ts'
import type { Row } from './reading/row.ts'
import { hashOf } from './record-places.ts'
import { placeOf, type Survey } from './survey.ts'
import {
  countIn,
  emptyTally,
  firstPlaces,
  flowOf,
  isHit,
  keepSmallest,
  memberIn,
  mostPlaces,
  noFlows,
  type Bounds,
  type Prompts,
  type Tally,
  type UserTally,
} from './tally.ts'
import type { DayOrder } from './time.ts'

/** What is asked of logs. */
export type Question = {
  readonly ruleSet: RuleSet
  /** Whose decisions are compared with, in place of what the log says became of each sign-in. */
  readonly before?: RuleSet
  readonly assumptions?: readonly Assumption[]
  readonly directory?: Directory
  /** When it is switched on, milliseconds since 1970; the first sign-in of the logs when left out. */
  readonly enabledAt?: number
  readonly order?: DayOrder
  /** Where in the order of all logs the first of these stands. */
  readonly firstIndex?: number
}

const dayMs = 86_400_000
const isTime = (spec: FactSpec | undefined) => spec?.kind.kind.startsWith('timestamp') === true

/** The facts that rules look at themselves. */
function looksAt({ rules, conditions }: RuleSet): readonly string[] {
  const all = [...rules.map((rule) => rule.conditions), ...Object.values(conditions)]
  const shown = rules.flatMap(({ event }) => event.params.shows ?? [])
  return [
    ...shown,
    ...all.flatMap((condition) =>
      [...comparisonsOf(condition)].flatMap(({ fact, value }) =>
        typeof value === 'object' && value !== null && 'fact' in value
          ? [fact, value.fact]
          : [fact],
      ),
    ),
  ]
}
/** A role that no rule set takes lightly, for the worst that may be so of a user. */
const worstRole = ['62e90394-69f5-4237-9190-012177145e10']
const bestMethods = ['microsoftAuthenticatorPush']

/** The second pass: decides old sign-ins with the same engine that decides live ones, and counts what would change. */
export async function tallyOf(
  inputs: readonly Input[],
  question: Question,
  survey: Survey,
  read?: (bytes: number) => void,
): Promise<Tally> {
  const tally = emptyTally()
  const decideRow = decider(question, survey, tally)
  for (const [index, input] of inputs.entries()) {
    const order = question.order ?? survey.orders.get(input.name)
    const file = memberIn(tally.files, input.name, () => ({ rows: 0, decided: 0, shape: '' }))
    const category = categoryOfFile(input.name)
    const ofLog = { order, category }
    const isEntry = { any: false }
    const form = await readInput(
      input,
      (row) => {
        const at = placeOf((question.firstIndex ?? 0) + index, file.rows++)
        isEntry.any ||= row.entry !== undefined
        const why = decideRow(row, at, ofLog)
        if (why === undefined) file.decided++
        else {
          const known = memberIn(tally.unmapped, why, () => ({ rows: 0, places: [] }))
          known.rows++
          if (known.places.length < mostPlaces || at < known.places.at(-1)!.at)
            known.places = firstPlaces([...known.places, { at, file: input.name, row: row.number }])
        }
      },
      read,
    )
    file.shape = isEntry.any ? 'decision log' : form === undefined ? 'empty' : shapes[form.form]
  }
  return tally
}

const shapes = { csv: 'CSV', lines: 'JSON lines', documents: 'JSON', none: 'no sign-in log' }

/** Another way in which a sign-in may be, and what becomes of it then. */
type Reading = {
  readonly bound: 'mostWithoutRole' | 'most'
  readonly outcome: Outcome
  readonly before?: Outcome
}
type DecidedSo = {
  readonly signIn: SignIn
  readonly decision: Decision
  readonly assumed: readonly Assumed[]
  readonly inferred: readonly string[]
  readonly readings: readonly Reading[]
  /** By the rule set that is compared with. */
  readonly before?: Outcome
  readonly fault?: never
}
type Decided = DecidedSo | { readonly fault: string }
type Counted = Pick<DecidedSo, 'signIn' | 'decision'> & {
  readonly recorded: Outcome
  readonly bounds: readonly (keyof Bounds)[]
  readonly first: number | null
  readonly enabled: number
}
/** What is known of a user but for their times. */
type KnownUser = {
  readonly isInDirectory: boolean
  /** Undefined where nobody says. */
  readonly roles: readonly string[] | undefined
  readonly registered: readonly string[] | undefined
  /** Methods that they used. */
  readonly shown: readonly string[] | undefined
  readonly type: string | undefined
  readonly synchronizes: boolean
}

/** Decides and counts one row after the other; says why a row can't be decided. */
function decider(
  { ruleSet, before, assumptions = [], directory, enabledAt }: Question,
  survey: Survey,
  tally: Tally,
): (row: Row, at: number, ofLog: OfLog) => string | undefined {
  // The last word is the user's, then the pack's, then what replay has to assume because logs are silent.
  const reads = new Set([...factsRead(ruleSet), ...(before ? factsRead(before) : [])])
  const kinds = factTable({ ...before?.customFacts, ...ruleSet.customFacts })
  const parse = signInParser(
    kinds,
    [...replayAssumptions, ...ruleSet.assumptions, ...assumptions],
    reads,
  )
  const decide = compile(ruleSet)
  const decideBefore = before && compile(before)
  const enabled = enabledAt ?? survey.from ?? 0
  const enabledText = new Date(enabled).toISOString()
  const isAssumed = (fact: string) => assumptions.some((each) => each.fact === fact)
  const said = { roles: isAssumed('user.roles'), methods: isAssumed('user.registeredMethods') }
  const beforeEnabled = `before ${enabledText.slice(0, 16).replace('T', ' ')}, when it is switched on`
  const users = new Map<string, ReturnType<typeof knownOf>>()
  const alike = new Map<string, KnownUser>()
  // Rules see of a time no more than what is computed of it, unless they look at a time itself.
  const decisions = new WeakMap<FactsOfRow, Map<KnownUser, Map<string, Decided>>>()
  const looked = [ruleSet, ...(before ? [before] : [])].map(looksAt)
  const valueFor = (fact: string) =>
    assumptions.findLast((each) => each.fact === fact)?.value ??
    ruleSet.assumptions.find((each) => each.fact === fact)?.value ??
    replayAssumptions.find((each) => each.fact === fact)?.value ??
    0
  const fixedTimes = {
    'tenant.createdAt': valueFor('tenant.createdAt'),
    'tenant.gracePeriodDays': valueFor('tenant.gracePeriodDays'),
  }
  const timesAt = (at: number, first: number | null) => ({
    at,
    'tenant.enabledAt': enabled,
    'user.firstInteractiveSignInAt': first,
    ...fixedTimes,
  })
  const computed = Object.entries(kinds).flatMap(([fact, { origin }]) =>
    origin.by === 'engine' &&
    origin.from.includes('at') &&
    looked.some((facts) => facts.includes(fact))
      ? [origin]
      : [],
  )
  const hasTimes =
    looked.some((facts) => facts.some((fact) => isTime(kinds[fact]))) ||
    computed.some(({ from }) => !from.every((fact) => Object.hasOwn(timesAt(0, 0), fact)))

  return (row, at, ofLog) => {
    if (row.unreadable !== undefined) return row.unreadable
    return row.entry === undefined
      ? signInOfLog(mapFields(row.fields, ofLog), at)
      : entry(row.entry)
  }

  function entry(json: Readonly<Record<string, unknown>>): string | undefined {
    const mapped = mapEntry(json)
    if (mapped.unmapped !== undefined) return mapped.unmapped
    const parsed = parse(mapped.signIn, mapped.now)
    if (parsed.faults) return `does not make a sign-in: ${faultText(parsed.faults[0])}`
    const { signIn } = parsed
    const user: Circumstances = {
      at: signIn.at,
      user: mapped.user,
      app: signIn['client.appId'],
      clientApp: signIn['client.clientAppUsed'],
      ip: mapped.ip,
      userAgent: '',
      country: signIn['location.country'],
    }
    assumedOf(parsed.assumed)
    const recorded = decideBefore ? decideBefore(signIn).outcome : mapped.recorded
    const hit = isHit(recorded, decide(signIn).outcome)
    count(
      user,
      {
        signIn,
        decision: decide(signIn),
        recorded,
        bounds: hit ? ['least', 'usual', 'mostWithoutRole', 'most'] : [],
        first: signIn['user.firstInteractiveSignInAt'],
        enabled: signIn['tenant.enabledAt'],
      },
      { isInDirectory: true },
    )
    return undefined
  }

  function signInOfLog(mapped: Mapped, at: number): string | undefined {
    if (mapped.record !== undefined && !survey.records.isFirst(hashOf(mapped.record), at))
      return 'a record that stands further up already'
    if (mapped.unmapped !== undefined) {
      if (mapped.guess) guess(mapped.guess)
      return mapped.unmapped
    }
    if (mapped.at < enabled) return beforeEnabled
    const user = memberIn(users, mapped.user, () => knownOf(mapped))
    const first = user.first === undefined || user.first >= mapped.at ? null : user.first
    const decided = remember(mapped, user.known, first)
    if (decided.fault !== undefined) return decided.fault
    for (const value of mapped.unrecognised) countIn(tally.unrecognised, value)
    for (const each of decided.inferred) countIn(tally.inferred, each)
    assumedOf(decided.assumed)
    const recorded = decided.before ?? mapped.recorded
    count(
      mapped,
      { ...decided, first, enabled, bounds: boundsOf(decided, recorded), recorded },
      {
        isInDirectory: user.known.isInDirectory,
        category: mapped.category,
      },
    )
    return undefined
  }

  /** Users about whom the same is known share one object. */
  function knownOf(mapped: Circumstances): {
    readonly first: number | undefined
    readonly known: KnownUser
  } {
    const said = directory?.of(mapped.user, mapped.userName)
    const surveyed = survey.users.get(mapped.user)
    const known: KnownUser = {
      isInDirectory: said !== undefined,
      roles: directory?.hasRoles === true ? (said?.roles ?? []) : undefined,
      registered: said?.registeredMethods,
      shown: surveyed?.methods,
      type: said?.type,
      synchronizes: isSynchronization(mapped.userName, said),
    }
    return { first: surveyed?.first, known: memberIn(alike, JSON.stringify(known), () => known) }
  }

  /** Decides a sign-in, once for all that are the same to the rules. */
  function remember(
    mapped: Extract<Mapped, { facts: FactsOfRow }>,
    known: KnownUser,
    first: number | null,
  ): Decided {
    if (hasTimes) return decideSo(mapped, known, first)
    const ofFacts = decisions.get(mapped.facts) ?? new Map<KnownUser, Map<string, Decided>>()
    decisions.set(mapped.facts, ofFacts)
    const ofUser = memberIn(ofFacts, known, () => new Map<string, Decided>())
    const times = timesAt(mapped.at, first)
    const key = computed.map(({ compute }) => compute(times)).join()
    return memberIn(ofUser, key, () => decideSo(mapped, known, first))
  }

  function decideSo(
    mapped: Extract<Mapped, { facts: FactsOfRow }>,
    known: KnownUser,
    first: number | null,
  ): Decided {
    const { sent, inferred } = supplemented(mapped, known, first)
    const parsed = parse(sent)
    if (parsed.faults) return { fault: `does not make a sign-in: ${faultText(parsed.faults[0])}` }
    const { signIn, assumed } = parsed
    const isPerson = !isWorkload(signIn)
    const isRoleOpen = isPerson && known.roles === undefined && !said.roles
    const isMethodOpen = isPerson && sent.user['registeredMethods'] === undefined && !said.methods
    const readings: Reading[] = []
    const reading = (bound: Reading['bound'], change: object) => {
      const read = { ...signIn, ...change } as SignIn
      const before = decideBefore?.(read).outcome
      readings.push({ bound, outcome: decide(read).outcome, ...(before && { before }) })
    }
    for (const methods of isMethodOpen ? [[], bestMethods] : [signIn['user.registeredMethods']]) {
      const change = { 'user.registeredMethods': methods }
      if (isMethodOpen) reading('mostWithoutRole', change)
      if (isRoleOpen) reading('most', { ...change, 'user.roles': worstRole })
    }
    const before = decideBefore?.(signIn).outcome
    return {
      signIn,
      assumed,
      inferred,
      decision: decide(signIn),
      readings,
      ...(before && { before }),
    }
  }

  /** A sign-in of a log with what the directory and other rows say. */
  function supplemented(
    mapped: Extract<Mapped, { facts: FactsOfRow }>,
    known: KnownUser,
    first: number | null,
  ) {
    const user: Record<string, unknown> = { ...mapped.facts['user'] }
    let { inferred } = mapped
    if (known.registered) {
      user['registeredMethods'] = [...new Set([...known.registered, ...(known.shown ?? [])])]
      inferred = inferred.filter((each) => !each.startsWith('user.registeredMethods'))
    } else if (known.shown) {
      if (user['registeredMethods'] === undefined)
        inferred = [
          ...inferred,
          'user.registeredMethods: registered, as other sign-ins of the user show',
        ]
      user['registeredMethods'] = known.shown
    }
    if (known.roles) user['roles'] = known.roles
    if (known.synchronizes) {
      user['directorySynchronizationAccount'] = true
      inferred = [...inferred, synchronizes]
    }
    if (user['type'] === undefined && known.type) user['type'] = known.type
    user['firstInteractiveSignInAt'] = first === null ? null : new Date(first).toISOString()
    return {
      sent: { ...signInOf(mapped), user, tenant: { enabledAt: enabledText } },
      inferred,
    }
  }

  function assumedOf(assumed: readonly Assumed[]): void {
    for (const { fact, value, because } of assumed)
      memberIn(tally.assumed, fact, () => ({
        rows: 0,
        value: JSON.stringify(printValue(kinds[fact]!.kind, value)),
        because,
      })).rows++
  }

  function count(
    of: Circumstances,
    { signIn, decision, recorded, bounds, first, enabled }: Counted,
    more: { readonly isInDirectory: boolean; readonly category?: string | undefined },
  ): void {
    const flow = flowOf(recorded, decision.outcome)
    const hit = isHit(recorded, decision.outcome)
    tally.flows[flow]!++
    countIn(tally.categories, more.category ?? 'not said')
    const rules = decision.reasons.map(({ rule }) => rule)
    for (const [dimension, values] of [
      ['app', [of.app]],
      ['clientApp', [of.clientApp]],
      ['ip', [of.ip]],
      ['country', [of.country]],
      ['rule', rules],
    ] as const)
      for (const value of values) {
        const known = memberIn(tally.by[dimension], value, () => ({
          flows: noFlows(),
          users: new Set<string>(),
        }))
        known.flows[flow]!++
        if (hit) known.users.add(of.user)
      }
    for (const requirement of decision.requirements) {
      const known = memberIn(tally.requirements, requirement, () => ({
        signIns: 0,
        users: new Set<string>(),
      }))
      known.signIns++
      known.users.add(of.user)
    }
    const isLegacy = ['exchangeActiveSync', 'other'].includes(signIn['client.app'])
    const user = memberIn(tally.users, of.user, () => newUser(of, signIn))
    if (of.userName !== undefined && (user.name === undefined || of.userName < user.name))
      user.name = of.userName
    if (signIn['user.type'] < user.type) user.type = signIn['user.type']
    user.flows[flow]!++
    user.isAdministrator ||= signIn['user.roles'].length > 0
    user.isInDirectory ||= more.isInDirectory
    if (isLegacy) user.legacy++
    if (more.category === 'interactive') user.interactive++
    user.lastAt = Math.max(user.lastAt, of.at)
    for (const each of bounds) user.bounds[each]++
    const by = registerBy(of.at, Math.max(first ?? of.at, enabled), signIn, decision)
    if (by !== undefined) user.registerBy = Math.min(user.registerBy ?? by, by)
    const day = memberIn(user.days, Math.floor(of.at / dayMs), (): Prompts => [0, 0, 0])
    const wasPrompted = signIn['session.mfa'] === 'thisSignIn' || recorded === 'challenge'
    day[0]++
    if (wasPrompted) day[1]++
    if (isPrompt(decision, wasPrompted)) day[2]++
    if (isLegacy || signIn['client.authenticationFlow'] === 'ropc') device(of, hit)
  }

  function device(of: Circumstances, hit: boolean): void {
    const key = JSON.stringify([of.user, of.clientApp, of.ip, of.userAgent])
    const known = memberIn(tally.devices, key, () => ({
      user: of.user,
      clientApp: of.clientApp,
      ip: of.ip,
      userAgent: of.userAgent,
      signIns: 0,
      hits: 0,
      from: of.at,
      to: of.at,
      days: new Set<number>(),
    }))
    known.signIns++
    if (hit) known.hits++
    known.from = Math.min(known.from, of.at)
    known.to = Math.max(known.to, of.at)
    known.days.add(Math.floor(of.at / dayMs))
  }

  function guess(of: Circumstances): void {
    const known = memberIn(tally.guesses, of.user, () => ({
      attempts: 0,
      legacy: 0,
      ips: new Set<string>(),
    }))
    known.attempts++
    if (of.clientApp !== 'Browser' && of.clientApp !== 'Mobile Apps and Desktop clients')
      known.legacy++
    if (of.ip !== '') keepSmallest(known.ips, [of.ip])
  }
}

const newUser = (of: Circumstances, signIn: SignIn): UserTally => ({
  type: signIn['user.type'],
  flows: noFlows(),
  bounds: { least: 0, usual: 0, mostWithoutRole: 0, most: 0 },
  legacy: 0,
  interactive: 0,
  isAdministrator: false,
  isInDirectory: false,
  lastAt: of.at,
  days: new Map(),
})

const synchronizationRoles = [
  'd29b2b05-8046-44ba-8758-1e26182fcf32',
  'a92aed5d-d78a-4d16-b381-09adb37eb3b0',
]
const synchronizes =
  'user.directorySynchronizationAccount: it has the role, and the name that Entra Connect gives'

/** Whoever holds the role is not yet the account of Entra Connect: its name is `Sync_`, the server and an id. */
const isSynchronization = (userName: string | undefined, known: DirectoryUser | undefined) =>
  userName?.startsWith('sync_') === true &&
  known?.roles?.some((role) => synchronizationRoles.includes(role)) === true

/** Registering is asked for once, however many sign-ins of the log come before it; so only what is asked for besides counts. */
const isPrompt = (decision: Decision, wasPrompted: boolean): boolean =>
  decision.outcome === 'allow'
    ? wasPrompted
    : decision.requirements.some((each) => each !== 'mfaRegistration')

/**
 * Until when registering can be put off: now, if it is asked for; the end of the grace period, if it is advised. Registering helps
 * nobody who is blocked.
 */
function registerBy(
  at: number,
  start: number,
  signIn: SignIn,
  decision: Decision,
): number | undefined {
  if (decision.outcome === 'block') return undefined
  if (decision.requirements.some((each) => each === 'mfaRegistration')) return at
  return decision.advice.some(({ advice }) => advice === 'registerForMfa')
    ? start + signIn['tenant.gracePeriodDays'] * dayMs
    : undefined
}

/** For which bounds a sign-in counts as hit, by all the ways in which it may be. */
function boundsOf({ decision, readings }: DecidedSo, recorded: Outcome): readonly (keyof Bounds)[] {
  const hit = isHit(recorded, decision.outcome)
  let [isAlways, isEver, isEverWithoutRole] = [hit, hit, hit]
  for (const { bound, outcome, before } of readings) {
    const isHitSo = isHit(before ?? recorded, outcome)
    isAlways &&= isHitSo
    isEver ||= isHitSo
    if (bound === 'mostWithoutRole') isEverWithoutRole ||= isHitSo
  }
  return [
    ...(isAlways ? ['least' as const] : []),
    ...(hit ? ['usual' as const] : []),
    ...(isEverWithoutRole ? ['mostWithoutRole' as const] : []),
    ...(isEver ? ['most' as const] : []),
  ]
}

const isWorkload = (signIn: SignIn) =>
  signIn['user.type'] === 'servicePrincipal' || signIn['user.type'] === 'managedIdentity'

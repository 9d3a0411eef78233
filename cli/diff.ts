import {
  changeShower,
  conditionChanges,
  diff,
  leftOutOtherwise,
  parseAccepted,
  placesIn,
  ruleChanges,
  type AcceptedChange,
  type Change,
  type LeftOut,
  type Pack,
  type Place,
  type RuleChange,
  type ShownChange,
} from '../engine/index.ts'
import { diffSarif } from './diff/sarif.ts'
import { diffText } from './diff/human.ts'
import { framed } from './frame.ts'
import { exit, plural, readText, UsageError, type Io } from './io.ts'
import { mustLoadPack, mustParse } from './load-pack.ts'
import { packAt } from './pack-at.ts'
import { replayLogs } from './replay.ts'

export type DiffFlags = {
  readonly against?: string
  readonly accept?: string
  readonly failOn?: 'weaker' | 'any'
  readonly json?: boolean
  readonly format?: 'human' | 'json' | 'sarif'
  readonly on: readonly string[]
  readonly directory: readonly string[]
  readonly names?: boolean
}

/** What `--json` prints; docs/diff.md says what its members mean. */
export type DiffReport = {
  readonly from: Side
  readonly to: Side
  /** `unknown` where some question has no answer, be it that the other answers show differences. */
  readonly verdict: 'equivalent' | 'different' | 'unknown'
  readonly because?: string
  readonly certified: number
  readonly changes: readonly ShownChange[]
  readonly unknown: readonly (Change & { readonly because: 'budget' | 'certificate' })[]
  readonly rules: readonly (RuleChange & { readonly from?: Place; readonly to?: Place })[]
  /** Shared conditions that are written otherwise. */
  readonly conditions: readonly {
    readonly condition: string
    readonly from?: Place
    readonly to?: Place
  }[]
  readonly facts: readonly {
    readonly fact: string
    readonly from: LeftOut
    readonly to: LeftOut
  }[]
  /** An expired one does not count. */
  readonly acceptances: readonly (AcceptedChange & {
    readonly status: 'used' | 'unused' | 'expired'
  })[]
}

type Side = { readonly pack: string; readonly revision: string; readonly rules: number }

/** `portcullis diff`: which sign-ins another rule set decides otherwise, or the proof that there are none. */
export async function diffCommand(
  names: readonly string[],
  flags: DiffFlags,
  io: Io,
): Promise<number> {
  const [from, to] = packsToCompare(names, flags, io)
  if (flags.on.length > 0) return onLogs(from, to, flags, io)
  const meant = flags.directory.length > 0 ? '--directory' : flags.names ? '--names' : undefined
  if (meant !== undefined)
    throw new UsageError(`${meant}: expected with --on, whose logs it is about`)
  const report = await compared(from, to, readAccepted(flags.accept, to, io), io)
  const format = flags.json ? 'json' : (flags.format ?? 'human')
  const texts = {
    human: () => diffText(report, io),
    json: () => `${JSON.stringify(report, null, 2)}\n`,
    sarif: () => diffSarif(report),
  }
  io.out(texts[format]())
  if (report.verdict === 'unknown') return exit.findings
  const fails = ({ label, accepted }: ShownChange) =>
    flags.failOn === 'any' ||
    (flags.failOn === 'weaker' && !accepted && (label === 'weaker' || label === 'different'))
  return report.changes.some(fails) ? exit.findings : exit.ok
}

/** The same question of the sign-ins that there were. */
function onLogs(from: Pack, to: Pack, flags: DiffFlags, io: Io): Promise<number> {
  for (const [option, isGiven] of [
    ['--fail-on', flags.failOn !== undefined],
    ['--accept', flags.accept !== undefined],
    ['--format sarif', flags.format === 'sarif'],
  ] as const)
    if (isGiven)
      throw new UsageError(`${option}: expected without --on, since it is about all sign-ins`)
  const unlike = Object.keys(to.ruleSet.customFacts).find(
    (name) =>
      Object.hasOwn(from.ruleSet.customFacts, name) &&
      JSON.stringify(from.ruleSet.customFacts[name]) !==
        JSON.stringify(to.ruleSet.customFacts[name]),
  )
  if (unlike !== undefined)
    throw new UsageError(
      `--on: the packs declare ${unlike} otherwise, so no sign-in is one of both`,
    )
  const { directory, names, format, json } = flags
  return replayLogs(
    flags.on,
    { ruleSet: to.ruleSet, before: from.ruleSet },
    {
      assume: [],
      directory,
      ...(names && { names }),
      ...((json || format === 'json') && { json: true }),
    },
    io,
  )
}

function packsToCompare(
  names: readonly string[],
  { against }: DiffFlags,
  io: Io,
): readonly [Pack, Pack] {
  const [first, second] = names
  if (against !== undefined) {
    if (second !== undefined)
      throw new UsageError(
        '--against: expected one pack, which is compared with what it was, got two',
      )
    const to = mustLoadPack(first, io)
    const source = packAt(against, first, io)
    return [mustParse(source, source.folder, io), to]
  }
  if (first === undefined || second === undefined)
    throw new UsageError(
      'expected two packs to compare, by name or folder, or one and --against <git ref>',
    )
  return [mustLoadPack(first, io), mustLoadPack(second, io)]
}

function readAccepted(file: string | undefined, pack: Pack, io: Io): readonly AcceptedChange[] {
  if (file === undefined) return []
  const accepted = parseAccepted(file, readText(file), pack)
  if (!('faults' in accepted)) return accepted
  io.err(framed(accepted.faults, io))
  throw new UsageError(
    `${file} has ${plural(accepted.faults.length, 'fault')}; nothing was compared`,
  )
}

async function compared(
  from: Pack,
  to: Pack,
  accepted: readonly AcceptedChange[],
  io: Io,
): Promise<DiffReport> {
  const today = new Date(io.now()).toISOString().slice(0, 10)
  const valid = accepted.filter(({ expires }) => expires >= today)
  const result = diff(from, to, valid)
  const said = {
    from: sideOf(from),
    to: sideOf(to),
    rules: placed(ruleChanges(from.ruleSet, to.ruleSet), from, to),
    conditions: conditionChanges(from.ruleSet.conditions, to.ruleSet.conditions).map(
      (condition) => ({ condition, ...placesOf('conditions', condition, from, to) }),
    ),
    facts: leftOutOtherwise(from.ruleSet, to.ruleSet),
  }
  if (result.unsupported !== undefined)
    return {
      ...said,
      verdict: 'unknown',
      because: result.unsupported,
      certified: 0,
      changes: [],
      unknown: [],
      acceptances: [],
    }
  const show = changeShower(from, to, result.ordinary)
  const changes: ShownChange[] = []
  for (const each of result.compared) if (each.verdict === 'some') changes.push(await show(each))
  const unknown = result.compared.flatMap(({ change, ...rest }) =>
    rest.verdict === 'unknown' ? [{ ...change, because: rest.because }] : [],
  )
  return {
    ...said,
    verdict: unknown.length > 0 ? 'unknown' : changes.length > 0 ? 'different' : 'equivalent',
    certified: result.certified,
    changes,
    unknown,
    acceptances: accepted.map((each) => ({
      ...each,
      status: !valid.includes(each)
        ? 'expired'
        : result.used[valid.indexOf(each)]
          ? 'used'
          : 'unused',
    })),
  }
}

const sideOf = ({ ruleSet: { id, revision, rules } }: Pack): Side => ({
  pack: id,
  revision,
  rules: rules.length,
})

const placed = (changes: readonly RuleChange[], from: Pack, to: Pack): DiffReport['rules'] =>
  changes.map((change) => ({ ...change, ...placesOf('rules', change.rule, from, to) }))

function placesOf(part: 'rules' | 'conditions', name: string, ...packs: readonly [Pack, Pack]) {
  const [was, is] = packs.map((pack) =>
    Object.hasOwn(pack.written[part], name) ? placesIn(pack)(part, name) : undefined,
  )
  return { ...(was && { from: was }), ...(is && { to: is }) }
}

import {
  compile,
  interpret,
  keeps,
  load,
  referencesOf,
  runCases,
  type CaseResult,
  type Fault,
  type Invariant,
  type Pack,
} from '../engine/index.ts'
import { packNames } from '../rules/index.ts'
import { framed } from './frame.ts'
import { exit, plural, styler, type Io } from './io.ts'
import { loadPack } from './load-pack.ts'

type Report = {
  readonly pack: string
  readonly revision?: string
  readonly faults: readonly Fault[]
  readonly warnings: readonly string[]
  readonly cases: number
  readonly failed: readonly {
    readonly case: string
    readonly place?: string
    readonly problems: readonly string[]
  }[]
  readonly broken: readonly {
    readonly invariant: string
    readonly title: string
    readonly case: string
  }[]
  readonly disagreements: readonly string[]
  readonly invariants: number
  readonly rules: number
}

/** `portcullis check`: everything that can be said about a pack without a sign-in at hand. */
export async function checkCommand(
  packs: readonly string[],
  flags: { readonly json?: boolean },
  io: Io,
): Promise<number> {
  const reports: Report[] = []
  for (const name of packs.length > 0 ? packs : packNames()) reports.push(await checkPack(name, io))
  io.out(
    flags.json
      ? `${JSON.stringify(reports, null, 2)}\n`
      : reports.map((report) => forPeople(report, io)).join('\n'),
  )
  return reports.every(isClean) ? exit.ok : exit.findings
}

const isClean = ({ faults, failed, broken, disagreements }: Report) =>
  faults.length + failed.length + broken.length + disagreements.length === 0

async function checkPack(name: string, io: Io): Promise<Report> {
  const pack = loadPack(name)
  const none = {
    warnings: [],
    cases: 0,
    failed: [],
    broken: [],
    disagreements: [],
    invariants: 0,
    rules: 0,
  }
  if ('faults' in pack && pack.faults !== undefined)
    return { pack: name, faults: pack.faults, ...none }
  const checked = pack as Pack
  const { parse, decide } = load(checked.ruleSet)
  const results = runCases(checked.cases, parse, decide)
  const failed = results
    .filter(({ problems }) => problems.length > 0)
    .map((result) => ({
      case: result.case.name,
      ...placeOf(result.case.at),
      problems: result.problems,
    }))

  const disagreements: string[] = []
  for (const { case: each, decision } of results) {
    const parsed = parse(each.signIn)
    if (parsed.faults) continue
    const interpreted = await interpret(checked.ruleSet, parsed.signIn)
    if (JSON.stringify(interpreted) !== JSON.stringify(decision)) disagreements.push(each.name)
  }
  return {
    pack: checked.ruleSet.id,
    revision: checked.ruleSet.revision,
    faults: [],
    warnings: [...lint(checked, results, io)],
    cases: results.length,
    failed,
    broken: checked.invariants.flatMap((invariant) => breaches(invariant, checked, results)),
    disagreements,
    invariants: checked.invariants.length,
    rules: checked.ruleSet.rules.length,
  }
}

const placeOf = (at: { file: string; line: number; column: number } | undefined) =>
  at ? { place: `${at.file}:${at.line}:${at.column}` } : {}

/** An invariant tried on every case: a sample, not a proof. */
function breaches(invariant: Invariant, { ruleSet }: Pack, results: readonly CaseResult[]) {
  const { parse } = load(ruleSet)
  const event = { type: 'block', params: { code: 'applies' } } as const
  const rule = {
    name: 'when',
    title: '',
    control: '',
    source: '',
    conditions: invariant.when,
    event,
  }
  const applies = compile({ rules: [rule], conditions: ruleSet.conditions })
  return results.flatMap(({ case: each, decision }) => {
    const parsed = parse(each.signIn)
    const breaks =
      !parsed.faults &&
      decision &&
      applies(parsed.signIn).outcome === 'block' &&
      !keeps(invariant.promise, decision)
    return breaks ? [{ invariant: invariant.name, title: invariant.title, case: each.name }] : []
  })
}

/** What is allowed and yet hardly meant. */
function* lint(
  { ruleSet, lists, overrides, invariants }: Pack,
  results: readonly CaseResult[],
  io: Io,
): Generator<string> {
  const referred = new Set(
    [
      ...ruleSet.rules.map((rule) => rule.conditions),
      ...Object.values(ruleSet.conditions),
      ...invariants.map(({ when }) => when),
    ].flatMap((condition) => [...referencesOf(condition)]),
  )
  for (const name of Object.keys(ruleSet.conditions))
    if (!referred.has(name)) yield `the shared condition "${name}" is used by no rule`
  const expanded = JSON.stringify([ruleSet.rules, ruleSet.conditions, invariants])
  for (const [name, values] of lists)
    if (!expanded.includes(JSON.stringify(values)))
      yield `the list "${name}" is used by no condition`
  const exercised = new Set(
    results.flatMap(({ decision }) =>
      [...(decision?.reasons ?? []), ...(decision?.advice ?? [])].map(({ rule }) => rule),
    ),
  )
  for (const { name } of ruleSet.rules)
    if (!exercised.has(name)) yield `the rule "${name}" decides none of the cases`
  const today = new Date(io.now()).toISOString().slice(0, 10)
  for (const { what, expires } of overrides)
    if (expires !== undefined && expires < today)
      yield `the override of ${what} expired on ${expires}: look at it again`
}

function forPeople(report: Report, io: Io): string {
  const style = styler(io)
  const { pack, faults, failed, broken, disagreements, warnings } = report
  if (faults.length > 0)
    return `${framed(faults, io)}\n${style(['red', 'bold'], pack)}: ${plural(faults.length, 'fault')}; its cases were not run\n`
  const lines = failed.flatMap(({ case: name, place, problems }) => [
    `${style(['red', 'bold'], 'case fails')}${style('bold', `: ${name}`)}`,
    ...(place ? [`  ${style('cyan', '-->')} ${place}`] : []),
    ...problems.map((problem) => `   ${style('cyan', '=')} ${problem}`),
  ])
  for (const { invariant, title, case: name } of broken)
    lines.push(
      `${style(['red', 'bold'], 'invariant broken')}${style('bold', `: ${invariant}`)}`,
      `   ${style('cyan', '=')} ${title}`,
      `   ${style('cyan', '=')} by the case "${name}"`,
    )
  for (const name of disagreements)
    lines.push(
      `${style(['red', 'bold'], 'engines disagree')}: json-rules-engine decides the case "${name}" otherwise`,
    )
  for (const warning of warnings) lines.push(`${style('yellow', 'warning')}: ${warning}`)
  const passed = report.cases - failed.length
  const mark = isClean(report) ? style('green', 'ok') : style(['red', 'bold'], 'not ok')
  lines.push(
    `${mark} ${pack}: ${plural(report.rules, 'rule')}, ${passed} of ${plural(report.cases, 'case')} as expected, ${plural(report.invariants, 'invariant')} tried on each (a sample, not a proof)`,
  )
  return `${lines.join('\n')}\n`
}

import {
  enforced,
  interpret,
  inWords,
  lint as prove,
  load,
  loosening,
  plan,
  referencesOf,
  selfTest,
  type Fault,
  type Finding,
  type Needless,
  type Pack,
  type Plan,
  type RuleSet,
} from '../engine/index.ts'
import { packNames } from '../rules/index.ts'
import { framed } from './frame.ts'
import { exit, plural, styler, type Io } from './io.ts'
import { loadPack } from './load-pack.ts'
import { planText } from './plan.ts'
import { placeText } from './verify/human.ts'

type Report =
  | { readonly pack: string; readonly faults: readonly Fault[] }
  | {
      readonly pack: string
      readonly revision: string
      readonly rules: number
      /** Rules that only report, which are not among those. */
      readonly reportRules: number
      readonly cases: number
      readonly invariants: number
      readonly findings: readonly Finding[]
      /** Cases that json-rules-engine decides otherwise: a bug of ours. */
      readonly disagreements: readonly string[]
      readonly warnings: readonly string[]
      readonly plan?: Plan
    }

/** `portcullis check`: everything that can be said about a pack without a log at hand. */
export async function checkCommand(
  packs: readonly string[],
  flags: { readonly json?: boolean; readonly plan?: boolean },
  io: Io,
): Promise<number> {
  const reports: Report[] = []
  for (const name of packs.length > 0 ? packs : packNames()) {
    const pack = loadPack(name)
    if (pack.faults) reports.push({ pack: name, faults: pack.faults })
    else
      reports.push({
        ...(await report(pack, io)),
        ...(flags.plan && { plan: plan(pack.ruleSet) }),
      })
  }
  io.out(
    flags.json
      ? `${JSON.stringify(reports, null, 2)}\n`
      : reports
          .map((each) => ('faults' in each ? faultsText(each, io) : reportText(each, io)))
          .join('\n'),
  )
  return reports.every(isClean) ? exit.ok : exit.findings
}

const isClean = (report: Report) =>
  !('faults' in report) && report.findings.length + report.disagreements.length === 0

async function report(pack: Pack, io: Io): Promise<Extract<Report, { findings: unknown }>> {
  const { ruleSet, cases, invariants } = pack
  const { exercised, disagreements } = await tried(ruleSet, cases)
  const reporting = ruleSet.reportRules.length > 0 && (await tried(enforced(ruleSet), cases))
  if (reporting) reporting.disagreements.forEach((name) => disagreements.add(name))
  return {
    pack: ruleSet.id,
    revision: ruleSet.revision,
    rules: ruleSet.rules.length,
    reportRules: ruleSet.reportRules.length,
    cases: cases.length,
    invariants: invariants.length,
    findings: selfTest(pack, 'full'),
    disagreements: [...disagreements],
    warnings: [
      ...needlessWarnings(pack),
      ...looseningWarnings(pack),
      ...lint(pack, exercised, reporting ? reporting.exercised : exercised),
      ...expired(pack, io),
    ],
  }
}

/** Which rules some case shows at work, and the cases that the two engines decide differently. */
async function tried(ruleSet: RuleSet, cases: Pack['cases']) {
  const { parse, decide } = load(ruleSet)
  const disagreements = new Set<string>()
  const exercised = new Set<string>()
  for (const { name, signIn } of cases) {
    const parsed = parse(signIn)
    if (parsed.faults) continue
    const decision = decide(parsed.signIn)
    for (const { rule } of [...decision.reasons, ...decision.advice]) exercised.add(rule)
    const interpreted = await interpret(ruleSet, parsed.signIn)
    if (JSON.stringify(interpreted) !== JSON.stringify(decision)) disagreements.add(name)
  }
  return { exercised, disagreements }
}

/**
 * What can be left out, proved for all sign-ins. Parts of conditions that a base pack wrote are for its overlays to make use of, and
 * not for them to mend.
 */
function needlessWarnings(pack: Pack): readonly string[] {
  const { needless, skipped } = prove(pack)
  const inherited = pack.base?.written.texts ?? {}
  return [
    ...needless
      .filter((each) => each.kind !== 'redundant' || !Object.hasOwn(inherited, each.at.file))
      .map((each) => `${placeText(each.at)}: ${needlessText(each)}`),
    ...skipped.map((because) => `whether rules can be left out is not known: ${because}`),
  ]
}

/** Overlays of which is only tried whether they loosen their base, not proved. */
function* looseningWarnings({ ruleSet, base, strictPart }: Pack): Generator<string> {
  if (base === undefined || strictPart === undefined) return
  yield* looseningWarnings(base)
  const found = loosening(base, strictPart)
  if (found.verdict === 'unsupported')
    yield `whether ${ruleSet.id} loosens its base is not proved, only tried on variations of its base's cases: ${found.because}`
}

function needlessText(each: Needless): string {
  switch (each.kind) {
    case 'neverApplies':
      return `the rule "${each.rule}" never applies`
    case 'alwaysApplies':
      return `the rule "${each.rule}" applies to every sign-in`
    case 'covered':
      return `the rule "${each.rule}" changes no outcome: wherever it applies, so does ${each.by.map((rule) => `"${rule}"`).join(' or ')}, with at least its effect`
    case 'redundant':
      return `"${inWords(each.part)}" can be left out of "${each.in}", which holds for the same sign-ins without it`
  }
}

/** What is allowed and yet hardly meant. */
function* lint(
  { ruleSet, lists, invariants, cases }: Pack,
  exercised: ReadonlySet<string>,
  reported: ReadonlySet<string>,
): Generator<string> {
  const roots = [
    ...[...ruleSet.rules, ...ruleSet.reportRules].map((rule) => rule.conditions),
    ...Object.values(ruleSet.conditions),
    ...invariants.map(({ when }) => when),
  ]
  const referred = new Set(roots.flatMap((condition) => [...referencesOf(condition)]))
  for (const name of Object.keys(ruleSet.conditions))
    if (!referred.has(name)) yield `the shared condition "${name}" is used by no rule`
  const expanded = JSON.stringify(roots)
  for (const [name, values] of lists)
    if (!expanded.includes(JSON.stringify(values)))
      yield `the list "${name}" is used by no condition`
  if (cases.length === 0) yield 'there are no cases (cases.json): nothing was tried'
  if (invariants.length === 0)
    yield 'there are no invariants (invariants.json): nothing is promised'
  if (cases.length === 0) return
  for (const { name } of ruleSet.rules)
    if (!exercised.has(name)) yield `the rule "${name}" decides none of the cases`
  for (const { name } of ruleSet.reportRules)
    if (!reported.has(name))
      yield `the rule "${name}", which only reports, would decide none of them`
}

/** Overrides whose day has come; the service says so too when it starts. */
export function* expired({ overrides, base }: Pack, io: Io): Generator<string> {
  const today = new Date(io.now()).toISOString().slice(0, 10)
  for (const { what, expires } of overrides)
    if (expires !== undefined && expires < today)
      yield `the override of ${what} expired on ${expires}: look at it again`
  if (base) yield* expired(base, io)
}

/** What a finding is, as a line of its own, and its details below. */
export function findingText({ kind, name, at, details }: Finding, io: Io): string {
  const style = styler(io)
  const heads = {
    case: 'case fails',
    invariant: 'invariant broken',
    absence: 'leaving a fact out is looser than sending it',
    overlay: 'overlay loosens its base',
  }
  return [
    `${style(['red', 'bold'], heads[kind])}${style('bold', `: ${name}`)}`,
    ...(at ? [`  ${style('cyan', '-->')} ${at.file}:${at.line}:${at.column}`] : []),
    ...details.map((detail) => `   ${style('cyan', '=')} ${detail}`),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

function faultsText({ pack, faults }: Extract<Report, { faults: unknown }>, io: Io): string {
  const style = styler(io)
  return `${framed(faults, io)}\n${style(['red', 'bold'], pack)}: ${plural(faults.length, 'fault')}; its cases were not run\n`
}

/** `15 rules`, and how many more only report. */
export const rulesText = ({ rules, reportRules }: Record<'rules' | 'reportRules', number>) =>
  `${plural(rules, 'rule')}${reportRules === 0 ? '' : ` and ${reportRules} that only ${reportRules === 1 ? 'reports' : 'report'}`}`

function reportText(report: Extract<Report, { findings: unknown }>, io: Io): string {
  const style = styler(io)
  const { pack, cases, invariants, findings, disagreements, warnings } = report
  const failed = findings.filter(({ kind }) => kind === 'case').length
  const mark = isClean(report) ? style('green', 'ok') : style(['red', 'bold'], 'not ok')
  return [
    ...findings.map((finding) => findingText(finding, io)),
    ...disagreements.map(
      (name) =>
        `${style(['red', 'bold'], 'engines disagree')}: json-rules-engine decides the case "${name}" otherwise\n`,
    ),
    ...warnings.map((warning) => `${style('yellow', 'warning')}: ${warning}\n`),
    `${mark} ${pack}: ${rulesText(report)}, ${cases - failed} of ${plural(cases, 'case')} as expected, ${plural(invariants, 'invariant')} tried on variations of each (a sample; portcullis verify proves)\n`,
    ...(report.plan ? [planText(report.plan)] : []),
  ].join('')
}

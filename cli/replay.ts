import {
  entryStart,
  factTable,
  faultText,
  didYouMean,
  parseValue,
  printValue,
  type Assumption,
  type Fault,
  type RuleSet,
} from '../engine/index.ts'
import { replay, rowsOf, type Report } from '../replay/index.ts'
import { exit, plural, readText, styler, table, UsageError, type Io } from './io.ts'
import { mustLoadPack } from './load-pack.ts'

type Flags = { readonly pack?: string; readonly assume: readonly string[]; readonly json?: boolean }

/** `portcullis replay`: what would have become of the sign-ins in these logs. */
export async function replayCommand(
  logs: readonly string[],
  flags: Flags,
  io: Io,
): Promise<number> {
  const { ruleSet } = mustLoadPack(flags.pack, io)
  const assumptions = flags.assume.map((each) => parseAssumption(each, ruleSet))
  const texts: [file: string, text: string][] = []
  const packed = logs.find((file) => file.endsWith('.gz'))
  if (packed !== undefined)
    throw new UsageError(`${packed}: expected a plain log, got a packed one; gunzip it first`)
  for (const file of logs)
    texts.push(file === '-' ? ['standard input', await io.readStdin()] : [file, readText(file)])
  const decisionLog = texts.find(([, text]) => text.startsWith(entryStart))
  if (decisionLog !== undefined)
    throw new UsageError(
      `${decisionLog[0]}: expected a log of sign-ins, got a decision log; say --decision-log`,
    )
  const report = replay(
    ruleSet,
    texts.flatMap(([file, text]) => rowsOf(file, text)),
    assumptions,
  )
  io.out(flags.json ? `${JSON.stringify(report, null, 2)}\n` : forPeople(report, ruleSet, io))
  if (report.decided === 0) {
    io.err('portcullis: no row could be decided\n')
    return exit.findings
  }
  return exit.ok
}

/** `user.registeredMethods=["softwareOneTimePasscode"]`; what is no JSON is taken for a text. */
function parseAssumption(text: string, ruleSet: RuleSet): Assumption {
  const [fact = '', ...rest] = text.split('=')
  const facts = factTable(ruleSet.customFacts)
  const spec = Object.hasOwn(facts, fact) ? facts[fact] : undefined
  if (spec === undefined || spec.origin.by === 'engine' || rest.length === 0) {
    const { hint } = didYouMean(fact, Object.keys(facts))
    throw new UsageError(
      `--assume ${text}: expected FACT=VALUE with a fact that callers send${hint === undefined ? '' : ` (${hint})`}`,
    )
  }
  const faults: Fault[] = []
  const value = parseValue(spec.kind, jsonOrText(rest.join('=')), '', (fault) => faults.push(fault))
  if (value === undefined)
    throw new UsageError(`--assume ${text}: ${faults.map(faultText).join('; ')}`)
  return { fact, value, reason: 'said on the command line' }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

const mostPlaces = 3

function forPeople(report: Report, ruleSet: RuleSet, io: Io): string {
  const style = styler(io)
  const parts: string[] = []
  const section = (title: string, rows: readonly (readonly (string | number)[])[]) => {
    if (rows.length > 0) parts.push(`${style('bold', title)}\n${table(rows)}`)
  }
  const facts = factTable(ruleSet.customFacts)
  const affected = report.outcomes
    .filter(({ outcome }) => outcome !== 'allow')
    .reduce((sum, { signIns }) => sum + signIns, 0)
  parts.push(
    `${style('bold', `${affected} of ${plural(report.decided, 'sign-in')} would be challenged or blocked by ${report.ruleSet.id}`)}\n` +
      `${plural(report.rows, 'row')}: ${report.decided} decided, ${report.unmapped} unmapped\n`,
  )
  section(
    'Outcomes (sign-ins, users)',
    report.outcomes.map(({ outcome, signIns, users }) => [outcome, signIns, users]),
  )
  section(
    'Requirements (sign-ins, users)',
    report.requirements.map(({ requirement, signIns, users }) => [requirement, signIns, users]),
  )
  section(
    'Advice (sign-ins, users)',
    report.advice.map(({ advice, signIns, users }) => [advice, signIns, users]),
  )
  section(
    'Rules that applied (sign-ins, users)',
    report.rules.map(({ rule, effect, signIns, users }) => [rule, effect, signIns, users]),
  )
  section('Client apps', [
    ['', 'allow', 'challenge', 'block'],
    ...report.clientApps.map(({ clientApp, allow, challenge, block }) => [
      clientApp,
      allow,
      challenge,
      block,
    ]),
  ])
  section(
    'Unmapped rows',
    report.unmappedReasons.map(({ reason, rows, places }) => [
      rows,
      reason,
      `${places.slice(0, mostPlaces).join(', ')}${places.length > mostPlaces ? ', …' : ''}`,
    ]),
  )
  section(
    'Values that were not recognised, and count as lacking',
    report.unrecognised.map(({ value, signIns }) => [signIns, value]),
  )
  section(
    'Facts that follow from others in the row',
    report.inferred.map(({ inference, signIns }) => [signIns, inference]),
  )
  section(
    'Facts that the log lacks, and what was assumed',
    report.assumed.map(({ rows, fact, value, because }) => [
      rows,
      `${fact} = ${JSON.stringify(printValue(facts[fact]!.kind, value))}`,
      because,
    ]),
  )
  parts.push(
    `Assume otherwise with --assume FACT=VALUE; --json lists every unmapped row. Decided by revision ${report.ruleSet.revision.slice(0, 19)}.\n`,
  )
  return parts.join('\n')
}

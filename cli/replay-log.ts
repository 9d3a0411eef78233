import { existsSync, statSync } from 'node:fs'
import { faultText, type RuleSet } from '../engine/index.ts'
import {
  eachLine,
  logReplay,
  mapFields,
  rowsOf,
  withRotated,
  type LogReport,
} from '../replay/index.ts'
import { packNames } from '../rules/index.ts'
import { revisionStore } from '../server/index.ts'
import { exit, plural, readText, styler, table, UsageError, type Io } from './io.ts'
import { loadPack, mustLoadPack } from './load-pack.ts'
import { progressOf } from './replay/progress.ts'

type Flags = { readonly pack?: string; readonly state?: string; readonly json?: boolean }
type At = LogReport['tornAt'][number]

/** `portcullis replay --decision-log`: decides the entries of decision logs again, by the rules of their revisions. */
export async function replayLogCommand(
  logs: readonly string[],
  flags: Flags,
  io: Io,
): Promise<number> {
  const other = flags.pack === undefined ? undefined : mustLoadPack(flags.pack, io).ruleSet
  const replay = logReplay(
    rulesByRevision(other, flags.state, (why) => io.err(`portcullis: ${why}\n`)),
    other,
  )
  const files = [...new Set(logs.flatMap(listed))]
  const bytes = files.reduce((total, file) => total + statSync(file).size, 0)
  const progress = progressOf(bytes, io)
  for (const file of files) {
    let last = 0
    const isWhole = await eachLine(
      file,
      (line, number) => replay.entry(line, { file, line: (last = number) }),
      (more) => progress.read(more),
    ).catch((error: unknown) => {
      throw new UsageError(`can't read ${file}: ${(error as Error).message}`)
    })
    if (!isWhole) replay.brokenOff({ file, line: last + 1 })
  }
  progress.end()
  const report = replay.report()
  const { lines, torn, foreign } = report
  const signIns = lines === torn + foreign ? files.find(hasSignIns) : undefined
  if (signIns !== undefined)
    throw new UsageError(
      `${signIns}: expected a decision log, got a log of sign-ins; leave out --decision-log`,
    )
  io.out(flags.json ? `${JSON.stringify(report, null, 2)}\n` : forPeople(report, io))
  const { same, different, other: tried } = report
  if (different > 0) return exit.findings
  if (same > 0 || (tried?.decided ?? 0) > 0) return exit.ok
  io.err('portcullis: no entry could be decided again\n')
  return exit.findings
}

/** Larger ones are not looked into again only to say what they are. */
const mostLookedInto = 100_000_000

/** Whether a file is what `replay` reads without `--decision-log`. */
const hasSignIns = (file: string): boolean =>
  !file.endsWith('.gz') &&
  statSync(file).size <= mostLookedInto &&
  rowsOf(readText(file)).some(
    (row) =>
      row.unreadable === undefined &&
      row.entry === undefined &&
      mapFields(row.fields).unmapped === undefined,
  )

function listed(file: string): readonly string[] {
  try {
    return withRotated(file).filter((each) => statSync(each).isFile())
  } catch (error) {
    throw new UsageError(`can't read ${file}: ${(error as Error).message}`)
  }
}

/**
 * The pack that was said, those that the state folder of a service keeps, and those that come with Portcullis. `lacking` is told why a
 * revision that is in none of them can't be had of the state folder, once for each.
 */
function rulesByRevision(
  said: RuleSet | undefined,
  state: string | undefined,
  lacking: (why: string) => void,
): (revision: string) => RuleSet | undefined {
  if (state !== undefined && !existsSync(state))
    throw new UsageError(`--state ${state}: expected the state folder of a service, got nothing`)
  const kept = state === undefined ? undefined : revisionStore(state)
  const known = new Map<string, RuleSet | undefined>()
  return (revision) => {
    if (!known.has(revision)) known.set(revision, builtInOf(revision) ?? keptOf(revision))
    return known.get(revision)
  }

  function keptOf(revision: string): RuleSet | undefined {
    const pack = kept?.read(revision)
    if (pack?.faults) lacking(pack.faults.map(faultText).join('; '))
    return pack?.faults ? undefined : pack?.ruleSet
  }

  function builtInOf(revision: string): RuleSet | undefined {
    if (said?.revision === revision) return said
    return packNames()
      .map(loadPack)
      .flatMap((pack) => (pack.faults ? [] : pack.ruleSet))
      .find((each) => each.revision === revision)
  }
}

const place = ({ file, line }: At) => `${file}:${line}`
const short = (revision: string) => revision.slice(0, 19)
const mostShown = 5

function forPeople(report: LogReport, io: Io): string {
  const style = styler(io)
  const { lines, same, different, masked, unknown, torn, foreign, other } = report
  const parts = [
    style(
      'bold',
      `${plural(different, 'difference')} in ${plural(same + different, 'entry', 'entries')} decided again`,
    ) +
      `\n${plural(lines, 'line')}: ${same} the same, ${different} different, ${masked} masked, ${unknown} of unknown revisions, ${torn} torn, ${foreign} of something else\n`,
  ]
  const section = (title: string, rows: readonly (readonly (string | number)[])[]) => {
    if (rows.length > 0) parts.push(`${style('bold', title)}\n${table(rows)}`)
  }
  section(
    'Decided differently now',
    report.differences
      .slice(0, mostShown)
      .flatMap((each) => [[place(each)], ['  logged', each.logged], ['  now', each.now]]),
  )
  section(
    'Revisions (entries)',
    report.revisions.map(({ revision, id, entries }) => [
      entries,
      short(revision),
      id ?? 'unknown: give its pack by --pack, or the state folder of its service by --state',
    ]),
  )
  section(
    'Torn lines',
    report.tornAt.map((at) => [place(at)]),
  )
  section(
    'Lines that are no entries',
    report.foreignAt.map((at) => [place(at)]),
  )
  if (other) {
    const { ruleSet, decided, undecided, changed } = other
    parts.push(
      style(
        'bold',
        `${ruleSet.id} (${short(ruleSet.revision)}) would decide ${changed} of ${plural(decided, 'entry', 'entries')} of other revisions otherwise`,
      ) + `\n${undecided > 0 ? `${undecided} more have too few facts for it\n` : ''}`,
    )
    section(
      'From, to (entries)',
      other.changes.map(({ from, to, entries, first }) => [
        entries,
        `${from} → ${to}`,
        `such as ${place(first[0]!)}`,
      ]),
    )
    section(
      'Rules (entries to which they apply then, and applied)',
      other.rules.map(({ rule, applies, applied }) => [rule, `+${applies}`, `-${applied}`]),
    )
  }
  return parts.join('\n')
}

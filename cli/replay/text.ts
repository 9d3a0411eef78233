import type { Person, Report } from '../../replay/index.ts'
import { plural, styler, table, type Io } from '../io.ts'

const mostShown = 8
const mostPlaces = 3
type Cell = string | number

/** The report on a terminal: the answer, what makes it less sure, and then whom and what it hits. */
export function replayText(report: Report, io: Io): string {
  const style = styler(io)
  const parts: string[] = []
  const section = (title: string, rows: readonly (readonly Cell[])[], head?: readonly string[]) => {
    if (rows.length === 0) return
    const more = rows.length > mostShown ? `  and ${rows.length - mostShown} more\n` : ''
    const shown = [...(head ? [head] : []), ...rows.slice(0, mostShown)]
    parts.push(`${style('bold', title)}\n${table(shown)}${more}`)
  }
  const { users, window, before } = report
  parts.push(
    `${style('bold', report.answer)}\n` +
      `${plural(report.rows, 'row')}: ${report.decided} decided, ${report.unmapped} unmapped` +
      (window === undefined
        ? '\n'
        : `; ${day(window.from)} to ${day(window.to)}, as if switched on ${day(report.enabledAt!)}\n`),
  )
  if (report.warnings.length > 0)
    parts.push(report.warnings.map((each) => `${style('yellow', '!')} ${each}\n`).join(''))
  const { least, usual, mostWithoutRole, most } = users.hit
  if (least !== most)
    parts.push(
      `${style('bold', 'Users that are asked more or blocked')}\n` +
        table([
          [least, 'whatever is so of them'],
          [usual, 'if nobody is an administrator, and who has not shown to be registered is not'],
          ...(mostWithoutRole !== usual
            ? [
                [
                  mostWithoutRole,
                  'if it is as bad as it can be, but nobody is an administrator',
                ] as const,
              ]
            : []),
          [most, 'if everybody may be an administrator'],
        ]),
    )
  section(
    `What changes, from ${before === 'recorded' ? 'what is in the log' : before.id}`,
    report.flows
      .filter(({ signIns }) => signIns > 0)
      .map((each) => [`${each.before} → ${each.after}`, each.signIns, each.users]),
    ['', 'sign-ins', 'users'],
  )
  section(
    'What is asked for',
    report.requirements.map((each) => [each.requirement, each.signIns, each.users]),
    ['', 'sign-ins', 'users'],
  )
  section(
    'Whom to write to, in order of work',
    report.people
      .filter((each) => each.hits > 0 || each.registerBy !== undefined)
      .map((each) => [
        each.name ?? each.user,
        each.blocked,
        each.challenged,
        each.registerBy === undefined ? '' : day(each.registerBy),
        noteOf(each),
      ]),
    ['', 'blocked', 'challenged', 'register by', ''],
  )
  section(
    'Devices and programs that use legacy authentication',
    report.devices.map((each) => [
      each.kind,
      each.name ?? each.user,
      each.clientApp,
      each.ip,
      `${each.hits} of ${each.signIns}`,
    ]),
    ['seems to be', 'user', 'client app', 'address', 'would fail'],
  )
  section(
    'Must have registered by',
    report.registrations.map((each) => [each.day, each.users]),
    ['', 'users'],
  )
  if (report.noise.attempts > 0) {
    const guessing = report.noise.most.filter(({ kind }) => kind === 'guessing').length
    parts.push(
      `${style('bold', 'Without the right password')}\n  ${plural(report.noise.attempts, 'attempt')} at ${plural(report.noise.accounts, 'account')}, ${guessing} of them from three addresses or more: that is noise, and in no other figure\n`,
    )
  }
  const { prompts } = report
  if (prompts.userDays > 0)
    section(
      'Prompts for each user and day',
      [
        ['before', prompts.before.mean, prompts.before.p95, prompts.before.most],
        ['after', prompts.after.mean, prompts.after.p95, prompts.after.most],
      ],
      ['', 'mean', '95 of 100', 'most'],
    )
  for (const [title, dimension] of [
    ['Rules that apply', 'rule'],
    ['Client apps', 'clientApp'],
    ['Applications with changes', 'app'],
    ['Countries with changes', 'country'],
  ] as const)
    section(
      title,
      report.by[dimension]
        .filter(({ hits }) => hits > 0 || dimension === 'rule' || dimension === 'clientApp')
        .map((each) => [
          each.name || 'not said',
          each.allow,
          each.challenge,
          each.block,
          each.hits,
        ]),
      ['', 'allow', 'challenge', 'block', 'changed'],
    )
  section(
    'Unmapped rows',
    report.unmappedReasons.map(({ reason, rows, places }) => [
      rows,
      reason,
      `${places
        .slice(0, mostPlaces)
        .map(({ file, row }) => `${file}:${row}`)
        .join(', ')}${rows > mostPlaces ? ', …' : ''}`,
    ]),
  )
  section(
    'Values that were not recognised, and count as lacking',
    report.unrecognised.map(({ value, signIns }) => [signIns, value]),
  )
  section(
    'Facts that follow from others in the log',
    report.inferred.map(({ inference, signIns }) => [signIns, inference]),
  )
  if (report.assumed.length > 0)
    parts.push(
      `${style('bold', 'Facts that the log lacks, and what was assumed')}\n${table(
        report.assumed.map(({ rows, fact, value, because }) => [
          rows,
          `${fact} = ${JSON.stringify(value)}`,
          because,
        ]),
      )}`,
    )
  parts.push(
    `Assume otherwise with --assume FACT=VALUE; --out FOLDER writes lists and reports. Decided by revision ${report.ruleSet.revision.slice(0, 19)}.\n`,
  )
  return parts.join('\n')
}

const day = (time: string) => time.slice(0, 10)

const noteOf = ({ administrator, service, certainty }: Person): string =>
  [
    ...(administrator ? ['administrator'] : []),
    ...(service ? ['only programs'] : []),
    ...(certainty === 'certain' ? [] : ['unless registered']),
  ].join(', ')

import { nextStep } from './lists.ts'
import type { Report } from './report.ts'

const mostRows = 10
type Cell = string | number

/** What is written in a log must not be taken for Markdown, a mention or HTML. */
const plain = (text: Cell): string =>
  String(text)
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>|~#@]/g, (sign) => `\\${sign}`)

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map(plain).join(' | ')} |`
  const more = rows.length > mostRows ? `\n\nand ${rows.length - mostRows} more` : ''
  return (
    [
      line(head),
      `|${head.map(() => ' --- |').join('')}`,
      ...rows.slice(0, mostRows).map(line),
    ].join('\n') + more
  )
}

/** The report for a pull request. */
export function markdownOf(report: Report): string {
  const { flows, people, devices, requirements, by, prompts } = report
  const parts = [`**${plain(report.answer)}**`]
  const section = (title: string, head: readonly string[], rows: readonly (readonly Cell[])[]) => {
    if (rows.length > 0) parts.push(`### ${title}\n\n${table(head, rows)}`)
  }
  if (report.warnings.length > 0)
    parts.push(report.warnings.map((warning) => `> ⚠ ${plain(warning)}`).join('\n>\n'))
  section(
    'What changes',
    ['before', 'after', 'sign-ins', 'users'],
    flows
      .filter(({ signIns }) => signIns > 0)
      .map((each) => [each.before, each.after, each.signIns, each.users]),
  )
  section(
    'What is asked for',
    ['requirement', 'sign-ins', 'users'],
    requirements.map((each) => [each.requirement, each.signIns, each.users]),
  )
  section(
    'Whom to write to',
    ['user', 'next step', 'register by', 'blocked', 'challenged'],
    people
      .filter((each) => each.hits > 0 || each.registerBy !== undefined)
      .map((each) => [
        each.name ?? each.user,
        nextStep(each),
        each.registerBy?.slice(0, 10) ?? '',
        each.blocked,
        each.challenged,
      ]),
  )
  section(
    'Devices to mend',
    ['seems to be', 'user', 'client app', 'address', 'would fail'],
    devices
      .filter(({ hits }) => hits > 0)
      .map((each) => [each.kind, each.name ?? each.user, each.clientApp, each.ip, each.hits]),
  )
  section(
    'Rules',
    ['rule', 'sign-ins', 'users with changes'],
    by.rule.map((each) => [each.name, each.signIns, each.users]),
  )
  parts.push(
    `Prompts for each user and day: ${prompts.before.mean} before, ${prompts.after.mean} after. ${report.rows} rows: ${report.decided} decided, ${report.unmapped} unmapped. Decided by ${plain(report.ruleSet.id)} ${report.ruleSet.revision.slice(0, 19)}.`,
  )
  return `${parts.join('\n\n')}\n`
}

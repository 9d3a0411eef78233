import { allRight, contentOf, generatorWarning } from './content.ts'
import type { Content, Table } from './content/content.ts'
import type { BenchDocument, Part } from './document.ts'
import { plain } from './plain.ts'
import { portcullisText } from './portcullis-text.ts'
import { count, plural } from './units.ts'

/** The report as GitHub's Markdown, short enough for a comment: what matters is in sight, the rest folds out. */
export function markdownReport(document: BenchDocument): string {
  const { headline, parts, verdicts, machine, portcullis, ruleSet, seed, command } = document
  const warning = generatorWarning(document)
  return [
    `### portcullis bench: ${allRight(document) ? '✅' : '❌'}`,
    ...(warning === undefined ? [] : [`> ⚠️ ${escaped(warning)}`]),
    `**${escaped(headline)}**`,
    ...(verdicts.length === 0
      ? []
      : [
          tableText({
            caption: '',
            columns: [
              { name: 'threshold' },
              { name: 'measured' },
              { name: 'wanted' },
              { name: '' },
            ],
            rows: verdicts.map(({ what, measured, wanted, met }) => [
              what,
              measured,
              wanted,
              met ? '✅ met' : '❌ missed',
            ]),
          }),
        ]),
    ...parts.map(partText),
    folded('How it was measured', [
      list([
        ['command', command],
        [
          'machine',
          `${machine.processor}, ${count(machine.cores)} cores, ${machine.system}, Node.js ${machine.node}`,
        ],
        ['Portcullis', portcullisText(portcullis)],
        ...(ruleSet ? [['rule set', `${ruleSet.id} ${ruleSet.revision}`] as const] : []),
        ['seed', String(seed)],
      ]),
    ]),
  ]
    .join('\n\n')
    .concat('\n')
}

function partText(part: Part): string {
  const content = contentOf(part)
  const [first, ...others] = content.tables.filter(({ rows }) => rows.length > 0)
  const details = [
    ...others.map((each) => `${escaped(each.caption)}\n\n${tableText(each)}`),
    ...(content.facts.length > 0 ? [list(content.facts)] : []),
    ...(content.notes.length > 0
      ? [content.notes.map((note) => `- ${escaped(note)}`).join('\n')]
      : []),
  ]
  return [
    `#### ${escaped(part.title)}`,
    ...content.alerts.map((alert) => `> ⚠️ ${escaped(alert)}`),
    ...wrongText(content),
    ...(first === undefined ? [] : [`${escaped(first.caption)}\n\n${tableText(first)}`]),
    ...(details.length === 0 ? [] : [folded('Details', details)]),
  ].join('\n\n')
}

const wrongText = ({ wrong, wrongCount }: Content): readonly string[] =>
  wrongCount === 0
    ? []
    : [
        `> ❌ ${plural(wrongCount, 'wrong answer')}`,
        ...wrong.map(({ question, signIn, expected, actual }) =>
          list([
            ['question', question],
            ['sign-in', signIn],
            ['expected', expected],
            ['actual', actual],
          ]),
        ),
      ]

const folded = (summary: string, details: readonly string[]) =>
  [`<details><summary>${escaped(summary)}</summary>`, ...details, '</details>'].join('\n\n')

const list = (facts: readonly (readonly [string, string])[]) =>
  facts.map(([name, value]) => `- ${escaped(name)}: ${escaped(value)}`).join('\n')

function tableText({ columns, rows }: Table): string {
  const row = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`
  return [
    row(columns.map(({ name, unit }) => (unit === undefined ? name : `${name} ${unit}`))),
    `| ${columns.map((_, index) => (index === 0 ? ':--' : '--:')).join(' | ')} |`,
    ...rows.map(row),
  ].join('\n')
}

/** So that text stays text: no markup, no link, and nobody is called. `<` and `&` as HTML, all else as a character by number. */
const escaped = (text: string): string =>
  plain(text).replace(
    /[&<>\\`*_{}[\]|#@~!$]|:(?=\/\/)|(?<=www)\./g,
    (sign) => `&#${sign.codePointAt(0)};`,
  )

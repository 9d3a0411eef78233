import { styleText } from 'node:util'
import { engineReport } from '../engine/engine-report.ts'
import { table } from '../table.ts'
import { contentOf, generatorWarning } from './content.ts'
import type { Content, Table } from './content/content.ts'
import type { BenchDocument, Part } from './document.ts'
import { plain } from './plain.ts'
import { portcullisText } from './portcullis-text.ts'
import { sparkline } from './sparkline.ts'
import { count, ms, number, plural } from './units.ts'
import type { Second } from '../load/result.ts'

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

/** The report for a terminal of `width` columns, ending with a line break. Tables keep their columns, sentences are broken. */
export function terminalReport(
  document: BenchDocument,
  { colours, width }: { readonly colours: boolean; readonly width: number },
): string {
  const paint: Paint = (style, text) =>
    colours ? styleText(style, text, { validateStream: false }) : text
  const warning = generatorWarning(document)
  const columns = Math.max(40, width)
  const { machine, portcullis, ruleSet } = document
  return [
    ...(warning === undefined ? [] : [paint(['yellow', 'bold'], broken(warning, columns))]),
    paint('bold', broken(document.headline, columns)),
    paint('dim', broken(aboutText(document), columns)),
    ...document.parts.map((part) => partText(part, columns, paint)),
    ...(document.verdicts.length === 0 ? [] : [verdictsText(document, paint)]),
  ]
    .join('\n\n')
    .concat('\n')

  function aboutText({ seed }: BenchDocument): string {
    return [
      `${machine.processor}, ${count(machine.cores)} cores, ${number(machine.memoryBytes / 2 ** 30)} GiB, ${machine.system}, Node.js ${machine.node}`,
      `Portcullis ${portcullisText(portcullis)}`,
      ...(ruleSet ? [`rule set ${ruleSet.id} ${ruleSet.revision}`] : []),
      `seed ${seed}`,
    ].join('; ')
  }
}

function partText(part: Part, width: number, paint: Paint): string {
  const title = paint(['bold', 'underline'], plain(part.title))
  if (part.kind === 'engine')
    return [title, engineReport(part.result).split('\n').map(plain).join('\n')].join('\n')
  const content = contentOf(part)
  const indent = Math.max(15, ...content.facts.map(([name]) => plain(name).length + 2))
  const load =
    part.kind === 'load' ? part.result : part.kind === 'capacity' ? part.confirmation : undefined
  return [
    title,
    ...content.alerts.map((alert) => paint('yellow', broken(`! ${alert}`, width))),
    ...wrongText(content, width, paint),
    ...content.tables
      .filter(({ rows }) => rows.length > 0)
      .map((each) => `${broken(each.caption, width)}\n${tableText(each, width)}`),
    ...(load === undefined ? [] : seriesText(load.series, width)),
    ...content.facts.map(([name, value]) => {
      const [first = '', ...others] = broken(value, width - indent - 2).split('\n')
      return [
        `  ${plain(name).padEnd(indent)}${first}`,
        ...others.map((line) => ' '.repeat(indent + 2) + line),
      ].join('\n')
    }),
    ...content.notes.map((note) => paint('dim', broken(note, width))),
  ].join('\n')
}

function wrongText({ wrong, wrongCount }: Content, width: number, paint: Paint): readonly string[] {
  if (wrongCount === 0) return []
  return [
    paint(['red', 'bold'], `${plural(wrongCount, 'wrong answer')}, of which:`),
    ...wrong.map(({ question, signIn, expected, actual }) =>
      [
        `  ${broken(question, width - 2)}`,
        ...[
          ['sign-in', signIn],
          ['expected', expected],
          ['actual', actual],
        ].map(([name, value]) => `    ${paint('red', name!.padEnd(9))}${plain(value!)}`),
      ].join('\n'),
    ),
  ]
}

/** The first column gives way where a table is wider than the terminal. */
function tableText({ columns, rows }: Table, width: number): string {
  const header = columns.map(({ name, unit }) => (unit === undefined ? name : `${name} ${unit}`))
  const cells = [header, ...rows].map((row) => row.map(plain))
  const over =
    Math.max(
      ...table(cells)
        .split('\n')
        .map((line) => line.length),
    ) - width
  const names = Math.max(...cells.map(([name = '']) => name.length))
  const most = Math.max(12, names - Math.max(0, over))
  return table(
    cells.map(([name = '', ...others]) => [
      name.length > most ? `${name.slice(0, most - 1)}…` : name,
      ...others,
    ]),
  )
}

/** Seconds from left to right. */
function seriesText(series: readonly Second[], width: number): readonly string[] {
  if (series.length < 2) return []
  const failed = series.map((second) => second.failed)
  const line = (name: string, values: readonly (number | undefined)[], most: string) =>
    `  ${name.padEnd(15)}${sparkline(values, width - 40)}  ${most}`
  const answered = series.map((second) => second.answered)
  const p99 = series.map((second) => (second.answered > 0 ? second.p99Us : undefined))
  return [
    `By second, ${count(series.length)} s`,
    line('answers', answered, `at most ${count(Math.max(...answered))}/s`),
    line('p99', p99, `at most ${ms(Math.max(...p99.map((value) => value ?? 0)))} ms`),
    ...(failed.some((each) => each > 0)
      ? [line('failed', failed, `at most ${count(Math.max(...failed))}/s`)]
      : []),
  ]
}

const verdictsText = ({ verdicts }: BenchDocument, paint: Paint) => {
  const rows = verdicts.map(({ what, measured, wanted, met }) => [
    plain(what),
    plain(measured),
    plain(wanted),
    met ? 'met' : 'MISSED',
  ])
  const [header = '', ...lines] = table([['', 'measured', 'wanted', ''], ...rows]).split('\n')
  return [
    paint(['bold', 'underline'], 'Verdicts'),
    header,
    ...lines.map((line, index) => paint(verdicts[index]!.met ? 'green' : 'red', line)),
  ].join('\n')
}

/** Lines of at most `width` characters, broken between words. */
export function broken(text: string, width: number): string {
  const lines: string[] = []
  for (const word of plain(text).split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}

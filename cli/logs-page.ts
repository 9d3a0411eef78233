import { facts, printValue, type FactTable } from '../engine/index.ts'
import { factsOfLogs, logFields, replayAssumptions, type Spelling } from '../replay/index.ts'

const table: FactTable = facts
const code = (names: readonly (string | undefined)[]) =>
  names
    .filter((name) => name !== undefined)
    .map((name) => `\`${name}\``)
    .join(', ')
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

/** The page of what is read from sign-in logs, made from the tables that read them. */
export function logsPage(): string {
  const spellings: readonly (readonly [string, Spelling])[] = Object.entries(logFields)
  const fields = spellings.map(([field, { graph, diagnostic, logAnalytics, csv = [] }]) =>
    row([`\`${field}\``, code([graph]), code([diagnostic]), code([logAnalytics]), code(csv)]),
  )
  const read = Object.entries(factsOfLogs).map(([fact, { from, how }]) =>
    row([`\`${fact}\``, from.join(', '), how ?? '', table[fact]!.source]),
  )
  const assumed = replayAssumptions.map(({ fact, value, reason }) =>
    row([`\`${fact}\``, `\`${JSON.stringify(printValue(table[fact]!.kind, value))}\``, reason]),
  )
  return `# What is read from sign-in logs

Made from the tables that read them (\`npm run schemas\`). [Replay](replay.md) says what is done with it.

## Fields

How each shape of log spells what is looked at. Names are compared without case and spaces, and without \`_dynamic\`, \`_string\` and
\`[UTC]\`, which exports add. CSV that is not the portal’s has the names of Graph or of Log Analytics. Graph’s names are also those of the
portal’s JSON and of the \`properties\` of a diagnostic record; what these say wins over the record around them.

| field | Graph, portal JSON, \`properties\` | diagnostic record | Log Analytics | portal CSV |
| --- | --- | --- | --- | --- |
${fields.join('\n')}

## Facts

Which fields each fact is read from, the first that says something first.

| fact | from | how | source |
| --- | --- | --- | --- |
${read.join('\n')}

## Assumed

What is taken for a fact that no field tells, unless the pack, \`--directory\` or \`--assume\` says otherwise.

| fact | value | why |
| --- | --- | --- |
${assumed.join('\n')}
`
}

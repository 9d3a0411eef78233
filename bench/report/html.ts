import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Figure } from './charts/figure.ts'
import { contentOf, generatorWarning } from './content.ts'
import type { Content, Table } from './content/content.ts'
import type { BenchDocument, Part, Verdict } from './document.ts'
import { figuresOf } from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { pageStyles } from './page-styles.ts'
import { portcullisText } from './portcullis-text.ts'
import { count, number, plural } from './units.ts'

const [wide, narrow] = [800, 358]
const script = readFileSync(new URL('page/page.js', import.meta.url), 'utf8')
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
/** Nothing is loaded, and nothing runs but what is written here. */
const policy = `default-src 'none'; style-src ${hash(pageStyles)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`
const asIs = (text: string): Markup => ({ markup: text })

/** The report as one HTML file that needs nothing else. */
export function htmlReport(document: BenchDocument): string {
  const { headline, parts, verdicts } = document
  const warning = generatorWarning(document)
  const started = document.startedAt.replace('T', ' ').replace(/(:\d\d)\..*/, '$1 UTC')
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${asIs(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${headline} – portcullis bench</title>
<style>${asIs(pageStyles)}</style>
</head>
<body>
<header>
<p class="kind"><b>portcullis bench</b>, ${started}</p>
${warning !== undefined && markup`<p class="alert">${warning}</p>`}
<h1>${unbroken(headline)}</h1>
${verdicts.length > 0 && verdictsMarkup(verdicts)}
${parts.length > 1 && markup`<nav aria-label="Parts"><ul>${parts.map(({ title }, index) => markup`<li><a href="#part-${index + 1}">${title}</a></li>\n`)}<li><a href="#about">How it was measured</a></li></ul></nav>`}
</header>
<main>
${parts.map(partMarkup)}
</main>
<footer>
<section id="about">
<h2>How it was measured</h2>
${facts(aboutFacts(document))}
</section>
</footer>
<script>${asIs(script)}</script>
</body>
</html>
`.markup
}

/** Words with a hyphen stay on one line, and numbers with their units. */
const unbroken = (text: string) =>
  text
    .split(/(\d[\d,.]{0,12} (?:µs|ms|s|MB|GiB)\b|[\p{L}\d]{1,12}-[\p{L}\d]{1,12})/u)
    .map((piece, index) => (index % 2 === 1 ? markup`<span class="whole">${piece}</span>` : piece))

const aboutFacts = ({ machine, portcullis, ruleSet, seed, command, startedAt }: BenchDocument) =>
  [
    ['command', command],
    ['started', startedAt],
    [
      'machine',
      `${machine.processor}, ${count(machine.cores)} cores, ${number(machine.memoryBytes / 2 ** 30)} GiB, ${machine.system}`,
    ],
    ['Node.js', machine.node],
    ['Portcullis', portcullisText(portcullis)],
    ...(ruleSet ? [['rule set', `${ruleSet.id} ${ruleSet.revision}`] as const] : []),
    ['seed', String(seed)],
  ] as const

const verdictsMarkup = (
  verdicts: readonly Verdict[],
) => markup`<section class="verdicts" aria-labelledby="verdicts">
<h2 id="verdicts">Verdicts</h2>
${tableMarkup(
  {
    caption: '',
    columns: [{ name: 'threshold' }, { name: 'measured' }, { name: 'wanted' }, { name: 'verdict' }],
    rows: verdicts.map(({ what, measured, wanted }) => [what, measured, wanted]),
  },
  'Verdicts',
  (row) =>
    verdicts[row]!.met
      ? markup`<td class="met">✓ met</td>`
      : markup`<td class="missed">✗ missed</td>`,
)}
</section>`

function partMarkup(part: Part, index: number): Markup {
  const id = `part-${index + 1}`
  const content = contentOf(part)
  const tables = content.tables.filter(({ rows }) => rows.length > 0)
  const captions = tables.map(({ caption }) => caption)
  const shownAt = ({ table }: Figure) => {
    const at = captions.indexOf(table.caption)
    return at === -1 ? undefined : `${id}-table-${at + 1}`
  }
  const blocks = tables.map(
    (table, at) =>
      markup`<div class="block" id="${id}-table-${at + 1}">${tableMarkup(table, table.caption)}</div>\n`,
  )
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${part.title}</h2>
${content.alerts.map((alert) => markup`<p class="alert">${alert}</p>\n`)}
${wrongMarkup(content)}
${content.keys.length > 0 && markup`<ul class="keys">${content.keys.map(({ name, value, unit, bad }) => markup`<li${bad && markup` class="bad"`}><span>${name}</span><b>${value}</b><span>${unit}</span></li>\n`)}</ul>`}
${blocks.slice(0, 1)}
${figuresOf(part).map((figure) => figureMarkup(figure, shownAt(figure)))}
${blocks.slice(1)}
${facts(content.facts)}
${content.notes.length > 0 && markup`<ul class="notes">${content.notes.map((note) => markup`<li>${note}</li>\n`)}</ul>`}
</section>
`
}

const figureMarkup = (
  { title, reading, draw, table }: Figure,
  shownAt: string | undefined,
) => markup`<figure>
<figcaption><h3>${title}</h3><p>${reading}</p></figcaption>
<div class="chart" role="img" aria-label="${title}. ${reading}">${draw(wide)}${draw(narrow)}</div>
${
  shownAt === undefined
    ? markup`<details><summary>Table: ${table.caption}</summary>${tableMarkup(table, table.caption, undefined, true)}</details>`
    : markup`<p class="readout"><a href="#${shownAt}">Table: ${table.caption}</a></p>`
}
</figure>
`

function wrongMarkup({ wrong, wrongCount }: Content): Markup | false {
  return (
    wrongCount > 0 &&
    markup`<div class="wrong"><p>${plural(wrongCount, 'wrong answer')}${wrong.length > 0 && ', of which:'}</p>
${wrong.map(({ question, signIn, expected, actual }) => markup`<dl><dt>question</dt><dd>${question}</dd><dt>sign-in</dt><dd><code>${signIn}</code></dd><dt>expected</dt><dd><code>${expected}</code></dd><dt>actual</dt><dd><code>${actual}</code></dd></dl>\n`)}</div>`
  )
}

const facts = (all: readonly (readonly [string, string])[]) =>
  all.length > 0 &&
  markup`<dl>${all.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`

/** A table that scrolls by itself where it is wider than the page. `last` makes one cell more for each row. */
function tableMarkup(
  { caption, columns, rows }: Table,
  name: string,
  last?: (row: number) => Markup,
  hidden = false,
): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table>
${caption !== '' && !hidden && markup`<caption>${caption}</caption>`}
<thead><tr>${columns.map((column) => markup`<th scope="col">${column.name}${column.unit !== undefined && ` ${column.unit}`}</th>`)}</tr></thead>
<tbody>${rows.map((row, index) => markup`<tr>${row.map((cell, at) => (at === 0 ? markup`<th scope="row">${cell}</th>` : markup`<td>${cell}</td>`))}${last?.(index)}</tr>\n`)}</tbody>
</table></div>`
}

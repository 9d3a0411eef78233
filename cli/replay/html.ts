import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { markup, type Markup } from '../../bench/report/markup.ts'
import { pageStyles } from '../../bench/report/page-styles.ts'
import { nextStep, type Report } from '../../replay/index.ts'

const styles = `${pageStyles}\n${readFileSync(new URL('page/report.css', import.meta.url), 'utf8')}`
const script = readFileSync(new URL('page/report.js', import.meta.url), 'utf8')
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
/** Nothing is loaded, and nothing runs but what is written here. */
const policy = `default-src 'none'; style-src ${hash(styles)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`
const asIs = (text: string): Markup => ({ markup: text })

/** A file of a few megabytes still opens at once. */
const mostRows = 2_000
const mostRanked = 200
const barWidth = 160

type Cell = string | number | Markup
type Column = { readonly name: string; readonly isText?: boolean }
const words = (name: string): Column => ({ name, isText: true })
const numbers = (...names: readonly string[]): readonly Column[] => names.map((name) => ({ name }))

type Section = {
  readonly title: string
  readonly reading: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** Of rows that are not shown, where they are. */
  readonly rest?: string
  readonly isLong?: boolean
}

/** The report as one HTML file that needs nothing else. */
export function replayHtml(report: Report): string {
  const { users, window, ruleSet } = report
  const shown = sectionsOf(report).filter(({ rows }) => rows.length > 0)
  const keys = [
    ['users', users.seen, false],
    ['asked more or blocked', boundsText(users.hit), users.hit.most > 0],
    ['with blocked sign-ins', users.blocked, users.blocked > 0],
    ['must register', users.mustRegister, false],
    ['rows decided', report.decided, false],
    ['rows unmapped', report.unmapped, false],
  ] as const
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${asIs(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${report.answer} – portcullis replay</title>
<style>${asIs(styles)}</style>
</head>
<body>
<header>
<p class="kind"><b>portcullis replay</b>${window && `, ${window.from.slice(0, 10)} to ${window.to.slice(0, 10)}`}</p>
<h1>${report.answer}</h1>
${report.warnings.map((warning) => markup`<p class="alert">${warning}</p>\n`)}
<ul class="keys">${keys.map(([name, value, isBad]) => markup`<li${isBad && markup` class="bad"`}><b>${value}</b><span>${name}</span></li>\n`)}</ul>
<nav aria-label="Parts"><ul>${shown.map(({ title }, at) => markup`<li><a href="#part-${at + 1}">${title}</a></li>\n`)}</ul></nav>
</header>
<main>
${shown.map(sectionMarkup)}
</main>
<footer>
<p class="kind">Decided by ${ruleSet.id} ${ruleSet.revision}. Nothing on this page is loaded from elsewhere.</p>
</footer>
<script>${asIs(script)}</script>
</body>
</html>
`.markup
}

const boundsText = ({ least, mostWithoutRole }: Report['users']['hit']) =>
  least === mostWithoutRole ? String(least) : `${least} to ${mostWithoutRole}`

function sectionsOf(report: Report): readonly Section[] {
  const { flows, people, devices, by, registrations, prompts } = report
  const concerned = people.filter((each) => each.hits > 0 || each.registerBy !== undefined)
  const ranked = (title: string, dimension: keyof Report['by']): Section => ({
    title,
    reading: 'Sign-ins by what becomes of them, and how many of them are stricter than before.',
    columns: [words('name'), ...numbers('allow', 'challenge', 'block', 'stricter', 'users')],
    rows: by[dimension]
      .slice(0, mostRanked)
      .map((each) => [
        each.name || 'not said',
        each.allow,
        each.challenge,
        each.block,
        each.hits,
        each.users,
      ]),
    ...(by[dimension].length > mostRanked && { rest: 'report.json has more of them.' }),
    isLong: true,
  })
  return [
    {
      title: 'What changes',
      reading: `From ${report.before === 'recorded' ? 'what the logs say' : `the decisions of ${report.before.id}`} to the decisions of ${report.ruleSet.id}.`,
      columns: [words('before'), words('after'), ...numbers('sign-ins', 'users'), words('share')],
      rows: barred(
        flows.filter(({ signIns }) => signIns > 0),
        ({ signIns }) => signIns,
        ({ before, after, signIns, users }) => [before, after, signIns, users],
      ),
    },
    {
      title: 'Whom to write to',
      reading:
        'In order of work: whom something is blocked, who must register and by when, who is asked more.',
      columns: [
        words('user'),
        words('next step'),
        words('register by'),
        ...numbers('blocked', 'challenged', 'sign-ins'),
        words('administrator'),
        words('certainty'),
      ],
      rows: concerned
        .slice(0, mostRows)
        .map((each) => [
          each.name ?? each.user,
          nextStep(each),
          each.registerBy?.slice(0, 10) ?? '',
          each.blocked,
          each.challenged,
          each.signIns,
          each.administrator ? 'yes' : '',
          each.certainty,
        ]),
      ...(concerned.length > mostRows && {
        rest: `${concerned.length - mostRows} more are in users.csv.`,
      }),
      isLong: true,
    },
    {
      title: 'Registrations that fall due',
      reading: 'How many users must have registered by which day.',
      columns: [words('day'), ...numbers('users'), words('share')],
      rows: barred(
        registrations,
        ({ users }) => users,
        ({ day, users }) => [day, users],
      ),
    },
    {
      title: 'Devices and programs',
      reading: 'What uses legacy authentication, and what it seems to be.',
      columns: [
        words('seems to be'),
        words('user'),
        words('client app'),
        words('address'),
        words('user agent'),
        ...numbers('sign-ins', 'would fail', 'days'),
      ],
      rows: devices
        .slice(0, mostRows)
        .map((each) => [
          each.kind,
          each.name ?? each.user,
          each.clientApp,
          each.ip,
          each.userAgent,
          each.signIns,
          each.hits,
          each.days,
        ]),
      ...(devices.length > mostRows && {
        rest: `${devices.length - mostRows} more are in devices.csv.`,
      }),
      isLong: true,
    },
    {
      title: 'Prompts',
      reading: 'For each user and day on which they sign in.',
      columns: [words('when'), ...numbers('mean', '95 of 100', 'most')],
      rows:
        prompts.userDays === 0
          ? []
          : (['before', 'after'] as const).map((when) => [
              when,
              prompts[when].mean,
              prompts[when].p95,
              prompts[when].most,
            ]),
    },
    ranked('Rules', 'rule'),
    ranked('Client apps', 'clientApp'),
    ranked('Applications', 'app'),
    ranked('Countries', 'country'),
    ranked('Addresses', 'ip'),
    {
      title: 'Without the right password',
      reading:
        'Accounts that somebody tried: many sources are guessing, one or two an old password. They are in no other figure.',
      columns: [words('user'), words('kind'), ...numbers('attempts', 'sources')],
      rows: report.noise.most.map((each) => [each.user, each.kind, each.attempts, each.sources]),
      isLong: true,
    },
    {
      title: 'Logs',
      reading: 'What was read.',
      columns: [words('file'), words('shape'), ...numbers('rows', 'decided')],
      rows: report.files.map((each) => [each.file, each.shape, each.rows, each.decided]),
    },
    {
      title: 'Unmapped rows',
      reading: 'Why they could not be decided, and where the first of them stand.',
      columns: [words('reason'), ...numbers('rows'), words('places')],
      rows: report.unmappedReasons.map(({ reason, rows, places }) => [
        reason,
        rows,
        places.map(({ file, row }) => `${file}:${row}`).join(', '),
      ]),
    },
    {
      title: 'Assumed',
      reading:
        'Facts that the logs lack, what was taken for them, and how many sign-ins needed it.',
      columns: [words('fact'), words('value'), words('because'), ...numbers('sign-ins')],
      rows: report.assumed.map((each) => [
        each.fact,
        JSON.stringify(each.value),
        each.because,
        each.rows,
      ]),
    },
  ]
}

/** Rows with a bar for one of their numbers. */
function barred<T>(
  all: readonly T[],
  lengthOf: (each: T) => number,
  cells: (each: T) => readonly Cell[],
): readonly (readonly Cell[])[] {
  const most = Math.max(1, ...all.map(lengthOf))
  return all.map((each) => {
    const width = Math.max(1.5, Math.round((barWidth * lengthOf(each)) / most))
    return [
      ...cells(each),
      markup`<svg width="${barWidth}" height="12" viewBox="0 0 ${barWidth} 12" aria-hidden="true"><rect class="f-one" width="${width}" height="12" rx="2"/></svg>`,
    ]
  })
}

function sectionMarkup(
  { title, reading, columns, rows, rest, isLong }: Section,
  at: number,
): Markup {
  const id = `part-${at + 1}`
  const kind = (column: number) => columns[column]!.isText && markup` class="words"`
  return markup`<section id="${id}" aria-labelledby="${id}-title"${isLong && markup` class="long"`}>
<h2 id="${id}-title">${title}</h2>
<p>${reading}${rest && ` ${rest}`}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr>${columns.map(({ name }, column) => markup`<th scope="col"${kind(column)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${row.map((cell, column) => (column === 0 ? markup`<th scope="row">${cell}</th>` : markup`<td${kind(column)}>${cell}</td>`))}</tr>\n`)}</tbody>
</table></div>
</section>
`
}

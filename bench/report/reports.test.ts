import { describe, expect, test } from 'vitest'
import type { BenchDocument } from './document.ts'
import { htmlReport } from './html.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import { samples, withStrings } from './samples.ts'
import { broken, terminalReport } from './terminal.ts'
import { change, count, duration, figure, number, percent } from './units.ts'

const onTerminal = (document: BenchDocument) =>
  terminalReport(document, { colours: false, width: 100 })
const reports = {
  terminal: onTerminal,
  JUnit: junitReport,
  Markdown: markdownReport,
  HTML: htmlReport,
}

/** Reports that contain these words, and not those. */
function check(
  report: keyof typeof reports,
  sample: string,
  words: readonly string[],
  not: readonly string[] = [],
): void {
  const text = reports[report](samples[sample]!)
  for (const each of words) expect(text).toContain(each)
  for (const each of not) expect(text).not.toContain(each)
}

const everyReport = Object.entries(reports).flatMap(([report, write]) =>
  Object.entries(samples).map(([sample, document]) => ({ report, sample, write, document })),
)

describe('every report', () => {
  test.each(everyReport)(
    '$report of $sample has all of its figures',
    ({ report, write, document }) => {
      const text =
        report === 'HTML'
          ? write(document).replace(/<(style|script)>[^]*?<\/\1>/g, '')
          : write(document)
      expect(text).not.toMatch(/NaN|Infinity|undefined|\[object|null/)
      expect(text.endsWith('\n')).toBe(true)
      if (report !== 'JUnit' || document.parts.some(({ kind }) => kind === 'load'))
        expect(text).toContain(
          report === 'HTML' ? document.headline.slice(-8) : document.headline.slice(0, 8),
        )
    },
  )

  test.each(Object.entries(reports))('%s shows what steers as �', (_, write) => {
    const text = write(
      withStrings(samples['everything']!, 'a\u001B[31mb\u0007c\u202Ed\u0000e\uD800f'),
    )
    expect(text).toContain(
      'a�[31mb�c�d�e�f'.replaceAll('[', write === markdownReport ? '&#91;' : '['),
    )
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E\uD800]/)
  })
})

describe('on the terminal', () => {
  test('the generator’s limit comes first, then the headline', () => {
    const [first, headline] = onTerminal(samples['generator was the limit']!).split('\n\n')
    expect(first).toMatch(/^The load generator was the limit.*busy for 97% of the time\.$/s)
    expect(headline).toBe('The generator was the limit: no figure of the service can be named.')
    const [sound] = onTerminal(samples['one open loop']!).split('\n\n')
    expect(sound).toBe('p99 was 1.6 ms at 1,330 requests a second.')
  })

  test('latency from the plan and from sending stand below each other, with units', () => {
    const lines = onTerminal(samples['one open loop']!).split('\n')
    const at = lines.findIndex((line) => line.includes('from the plan '))
    expect(lines[at - 1]).toMatch(/p50 ms +p90 ms +p99 ms +p99\.9 ms +p99\.99 ms +most ms +count$/)
    expect(lines[at + 1]).toContain('from sending')
    expect(lines[at]).toMatch(/ 39,900$/)
  })

  test('verdicts come last', () => {
    const text = onTerminal(samples['everything']!)
    expect(text.slice(text.lastIndexOf('\n\n'))).toMatch(/^\n\nVerdicts\n.*\n.*met\n.*MISSED\n$/)
  })

  test('wrong answers are shown whole', () =>
    check('terminal', 'everything wrong', [
      '2,400 wrong answers',
      'administrator from a browser, no MFA (case 17)',
      'sign-in  {"user":{"roles":["globalAdministrator"]},"client":{"app":"browser"}}',
      'expected {"outcome":"challenge","requirements":["mfa"]}',
      'actual   {"outcome":"allow"}',
    ]))

  test.each([60, 80, 100, 140])('nothing but tables is wider than %i columns', (width) => {
    const text = terminalReport(samples['one open loop']!, { colours: false, width })
    const wide = text.split('\n').filter((line) => line.length > width)
    expect(wide.filter((line) => !/p50 ms|\d +[\d,]+$/.test(line))).toEqual([])
    if (width >= 100) expect(wide).toEqual([])
  })

  test('colours are there when they are asked for', () => {
    const text = terminalReport(samples['everything']!, { colours: true, width: 100 })
    expect(text).toContain('\u001B[31m')
    // oxlint-disable-next-line no-control-regex
    expect(text.replace(/\u001B\[\d+m/g, '')).toBe(onTerminal(samples['everything']!))
  })

  test('sentences are broken between words, and words are not', () =>
    expect(broken('one two three-and-more four', 8)).toBe('one two\nthree-and-more\nfour'))
})

describe('JUnit', () => {
  test('verdicts, answers and targets are cases, and those that failed say why', () =>
    check('JUnit', 'everything', [
      '<testcase classname="portcullis bench.thresholds" name="p99 at 3,000/s ≤ 5 ms"/>',
      '<failure message="+3.12% (2.41% to 3.88%), wanted ≤ +2%">',
      'name="Office morning: every answer is the right one"/>',
      'name="Capacity, confirmation: every answer is the right one"/>',
      '<failure message="24.7 ×, wanted ≤ 12 ×">',
      '<failure message="could not be measured">',
      '<testsuites name="portcullis bench" tests="8" failures="3">',
      '<testsuite name="thresholds" timestamp="2026-11-24T19:30:00.000Z" tests="2" failures="1">',
    ]))

  test('a wrong answer fails with the sign-in, the expected and the actual answer', () =>
    check('JUnit', 'everything wrong', [
      '<failure message="2,400 wrong answers">',
      '  sign-in  {&quot;user&quot;:{&quot;roles&quot;',
      '  actual   {&quot;outcome&quot;:&quot;allow&quot;}',
    ]))

  test('the generator’s limit is said', () =>
    check('JUnit', 'generator was the limit', [
      'Too fast to measure: The load generator was the limit: it was busy',
    ]))
})

describe('Markdown', () => {
  test('verdicts are a table and the rest folds out', () =>
    check('Markdown', 'everything', [
      '### portcullis bench: ❌',
      '| p99 at 3,000/s | 4.62 ms | ≤ 5 ms | ✅ met |',
      '| threshold | measured | wanted |  |\n| :-- | --: | --: | --: |',
      '<details><summary>Details</summary>\n\n',
      'Cedar (wasm) behind Hono did not take part: its package is not installed',
    ]))

  test('it is green without wrong answers, and red with one', () => {
    check('Markdown', 'one open loop', ['### portcullis bench: ✅'], ['❌'])
    check('Markdown', 'everything wrong', ['### portcullis bench: ❌', '> ❌ 2,400 wrong answers'])
  })

  test('text stays text', () => {
    const text = markdownReport(
      withStrings(samples['everything']!, '<img src=x>|@somebody `x` [a](http://b) **b** $x$'),
    )
    expect(text).not.toMatch(/<(?!\/?(details|summary)>)|@|`|\[|\*\*b|http:\/\/b|\$/)
    const tables = text.split('\n').filter((line) => line.startsWith('|'))
    const columns = tables.map((line) => line.split('|').length)
    const headers = tables.flatMap((line, at) => (line.startsWith('| :--') ? [columns[at]!] : []))
    expect(headers.length).toBeGreaterThan(8)
    expect([...new Set(columns)].every((each) => headers.includes(each))).toBe(true)
  })
})

describe('HTML', () => {
  test('it asks for nothing, and a policy holds it to that', () => {
    const text = htmlReport(samples['everything']!)
    expect(text).toContain("content=\"default-src 'none'; style-src 'sha256-")
    expect(text).not.toMatch(
      /<link|<img|<iframe|@import|url\(|\ssrc=|\sstyle=|\son\w+=|unsafe-inline/,
    )
    expect([...text.matchAll(/https?:[^"\s<]*/g)].map(([url]) => url)).toEqual(
      expect.not.arrayContaining([
        expect.stringMatching(/^(?!http:\/\/127\.0\.0\.1|http:\/\/www\.w3\.org)/),
      ]),
    )
  })
})

test.each([
  [number(1234.5), '1,235'],
  [number(1.5), '1.5'],
  [number(-0.0456), '−0.0456'],
  [number(undefined), '–'],
  [number(Number.NaN), '–'],
  [figure(1.3), '1.30'],
  [figure(99.97), '100'],
  [figure(0), '0'],
  [figure(12_345.6), '12,346'],
  [count(1_000_000), '1,000,000'],
  [duration(999), '999 µs'],
  [duration(4_620), '4.62 ms'],
  [duration(2_000_000), '2 s'],
  [percent(0.0312), '3.12%'],
  [change(0.0312), '+3.12%'],
  [change(-0.5), '−50%'],
  [change(0), '0%'],
])('numbers as people read them: %s', (shown, wanted) => expect(shown).toBe(wanted))

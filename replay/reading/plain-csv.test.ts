import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainRows } from './plain-csv.ts'

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'é', ' ', '1'), maxLength: 4 }),
  fc
    .string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ';'), maxLength: 5 })
    .map((text) => `"${text.replaceAll('"', '""')}"`),
)
const row = fc.array(cell, { minLength: 3, maxLength: 3 }).map((cells) => cells.join(','))
/** Now and then something that does not belong. */
const odd = fc.constantFrom(
  '',
  'a,b',
  'a,b,c,',
  'a,b,c,d',
  '"a,b,c',
  'a"b,c,d',
  'a,"b"x,c',
  '"a" ,b,c',
  '"",,',
)
const texts = fc
  .array(fc.oneof({ weight: 12, arbitrary: row }, { weight: 1, arbitrary: odd }), { maxLength: 12 })
  .chain((rows) => fc.constantFrom('\n', '\r\n').map((end) => rows.join(end)))

test('what is read quickly is what the parser reads, with the lines that rows begin on', () => {
  const told = { plain: 0, odd: 0 }
  fc.assert(
    fc.property(texts, (text) => {
      const rows: { values: readonly (string | undefined)[]; line: number }[] = []
      const isPlain = plainRows(text, ',', [true, true, true], (values, line) =>
        rows.push({ values, line }),
      )
      told[isPlain ? 'plain' : 'odd']++
      if (!isPlain) {
        expect(rows).toEqual([])
        return
      }
      const parsed = parse(text, {
        recordDelimiter: ['\r\n', '\n'],
        relaxColumnCount: true,
        skipEmptyLines: true,
      })
      expect(rows.map(({ values }) => values)).toEqual(parsed.map((each) => each.slice(0, 3)))
      expect(parsed.flatMap((each) => each.slice(3)).join('')).toBe('')
      const lines = text.split('\n')
      for (const { values, line } of rows) {
        const begins = lines[line]!.replace('\r', '')
        expect(
          begins.replaceAll('"', '').startsWith(values[0]!.split(/\r?\n/)[0]!.replaceAll('"', '')),
        ).toBe(true)
      }
    }),
    { numRuns: 3_000 },
  )
  expect(told.plain).toBeGreaterThan(1_000)
  expect(told.odd).toBeGreaterThan(200)
})

test('no text is made of columns that nobody wants', () => {
  const rows: (readonly (string | undefined)[])[] = []
  expect(plainRows('a,"b",c\n', ',', [false, true, false], (values) => rows.push(values))).toBe(
    true,
  )
  expect(rows).toEqual([[undefined, 'b', undefined]])
})

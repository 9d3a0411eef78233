import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readInput, textInput } from './inputs.ts'

/** Rows by their number: the id of a record, or why it can't be read. */
async function check(
  log: string | Buffer,
  form: string | undefined,
  rows: readonly (readonly [number: number, row: string])[],
): Promise<void> {
  const found: [number, string][] = []
  const got = await readInput(textInput('log', log), (row) => {
    const what =
      row.unreadable ?? (row.entry !== undefined ? 'an entry' : (row.fields.id as string))
    found.push([row.number, what])
  })
  expect(got?.form).toBe(form)
  expect(found).toEqual(rows)
}

const head = 'Date (UTC),Request ID,Username,Status,Client app\n'
const line = (id: string, user = 'a@example.com') =>
  `2026-01-01T00:00:00Z,${id},${user},Success,Browser\n`
const json = (id: string) => `{"id":"${id}","userId":"u"}`
const unmatched = 'not CSV: its quotes do not match'

describe('a damaged log costs the row that is damaged', () => {
  test.each<[string, string | Buffer, string | undefined, [number, string][]]>([
    [
      'JSON lines, one torn',
      `${json('1')}\n{"id":"2\n${json('3')}`,
      'lines',
      [
        [1, '1'],
        [2, 'not JSON'],
        [3, '3'],
      ],
    ],
    [
      'JSON lines, the first torn',
      `{"id":\n${json('2')}\n${json('3')}`,
      'lines',
      [
        [1, 'not JSON'],
        [2, '2'],
        [3, '3'],
      ],
    ],
    [
      'JSON lines with other values',
      `${json('1')}\n5\nnull\n`,
      'lines',
      [
        [1, '1'],
        [2, 'not an object'],
        [3, 'not an object'],
      ],
    ],
    [
      'an array with other values',
      `[${json('1')}, 5, "x", null,\n${json('2')}]`,
      'documents',
      [
        [1, '1'],
        [2, 'not an object'],
        [3, 'not an object'],
        [4, 'not an object'],
        [5, '2'],
      ],
    ],
    [
      'an array in which a text has no end',
      `[{"id":"1\n},\n${json('2')}]`,
      'documents',
      [
        [1, 'not JSON'],
        [2, '2'],
      ],
    ],
    [
      'an array that is cut off',
      `[${json('1')},{"id":"2","x":{`,
      'documents',
      [
        [1, '1'],
        [2, 'broken off: it has no end'],
      ],
    ],
    [
      'a page with brackets in texts',
      `{"x":"[{","value":[{"id":"1","y":"}]\\"{"},${json('2')}],"z":[{"id":"3"}]}`,
      'documents',
      [
        [1, '1'],
        [2, '2'],
      ],
    ],
    [
      'CSV with a quote that is not closed',
      `${head}${line('1')}${line('2', '"b')}${line('3')}`,
      'csv',
      [
        [2, '1'],
        [3, unmatched],
        [4, '3'],
      ],
    ],
    [
      'CSV with a quote in the middle',
      `${head}${line('1', 'a"b')}${line('2')}`,
      'csv',
      [
        [2, unmatched],
        [3, '2'],
      ],
    ],
    [
      'CSV with quoted ends of lines',
      `${head}${line('1', '"a\nb"')}${line('2')}`,
      'csv',
      [
        [2, '1'],
        [4, '2'],
      ],
    ],
    [
      'CSV with a NUL',
      `${head}${line('1', 'a\0b')}${line('2')}`,
      'csv',
      [
        [2, 'has a NUL'],
        [3, '2'],
      ],
    ],
    [
      'CSV with a short row',
      `${head}${line('1')}cut,off\n${line('2')}`,
      'csv',
      [
        [2, '1'],
        [3, '2 columns where the first row names 5'],
        [4, '2'],
      ],
    ],
    [
      'CSV with empty columns more',
      `${head}${line('1').trim()},,\n${line('2')}`,
      'csv',
      [
        [2, '1'],
        [3, '2'],
      ],
    ],
    [
      'CSV of a German spreadsheet',
      `\uFEFF${head}${line('1')}`.replaceAll(',', ';').replaceAll('\n', '\r\n'),
      'csv',
      [[2, '1']],
    ],
    ['CSV in UTF-16', Buffer.from(`\uFEFF${head}${line('1')}`, 'utf16le'), 'csv', [[2, '1']]],
    [
      'CSV in UTF-16 without a mark',
      Buffer.from(`${head}${line('1')}`, 'utf16le'),
      'csv',
      [[2, '1']],
    ],
    ['CSV of something else', 'name,price\nx,1\n', 'none', []],
    ['a text', 'Sign-ins are in the other folder.', 'none', []],
    ['nothing', '', undefined, []],
    [
      'two packed logs in one',
      Buffer.concat([gzipSync(`${json('1')}\n`), gzipSync(`${json('2')}\n`)]),
      'lines',
      [
        [1, '1'],
        [2, '2'],
      ],
    ],
    [
      'an entry of our decision log',
      '{"v":1,"signIn":{},"decision":{},"durationMs":1}\n',
      'lines',
      [[1, 'an entry']],
    ],
  ])('%s', async (_, log, form, rows) => {
    await check(log, form, rows)
  })

  test('a packed log that is cut off says so after what could be read', async () => {
    const whole = gzipSync(Array.from({ length: 5_000 }, (_, at) => `${json(`${at}`)}\n`).join(''))
    const found: string[] = []
    await readInput(textInput('log', whole.subarray(0, whole.length - 20)), (row) =>
      found.push(row.unreadable ?? 'read'),
    )
    expect(found.at(-1)).toBe('broken off: the packed file ends too soon, or is damaged')
    expect(found.filter((each) => each === 'read').length).toBeGreaterThan(1_000)
  })

  test.each([
    ['JSON lines', 'lines', (long: string) => `${json('1')}\n{"id":"${long}"}\n${json('3')}\n`],
    ['an array', 'documents', (long: string) => `[${json('1')},{"id":"${long}"},${json('3')}]`],
  ])('a record of 20 MB in %s is one row that can’t be read', async (_, form, log) => {
    await check(log('x'.repeat(20_000_000)), form, [
      [1, '1'],
      [2, 'longer than 16 MB'],
      [3, '3'],
    ])
  })

  test('rows are the same in whatever pieces they come', async () => {
    const rows = Array.from({ length: 3_000 }, (_, at) =>
      line(`${at}`, at % 7 === 0 ? '"x ""y""\nz"' : 'a'),
    )
    const text = Buffer.from(head + rows.join('') + line('last', '"open'))
    const whole: unknown[] = []
    await readInput(textInput('log', text), (row) => whole.push(row))
    const pieces = { name: 'log', bytes: text.length, open: () => Readable.from(cut(text, 997)) }
    const cutUp: unknown[] = []
    await readInput(pieces, (row) => cutUp.push(row))
    expect(whole).toHaveLength(3_001)
    expect(cutUp).toEqual(whole)
  })
})

const cut = (text: Buffer, bytes: number) =>
  Array.from({ length: Math.ceil(text.length / bytes) }, (_, at) =>
    text.subarray(at * bytes, (at + 1) * bytes),
  )

import { expect, test } from 'vitest'
import type { LogFields } from './log.ts'
import { logTo } from './log-to.ts'

type Said = readonly [line: string, fields?: LogFields]

async function written(
  said: readonly Said[],
  settings: Partial<Parameters<typeof logTo>[1]> = {},
): Promise<readonly string[]> {
  let text = ''
  const log = await logTo((more) => void (text += more), {
    logFormat: 'text',
    logLevel: 'info',
    ...settings,
  })
  for (const each of said) log(...each)
  expect(text === '' || text.endsWith('\n')).toBe(true)
  return text.split('\n').slice(0, -1)
}

const three: readonly Said[] = [
  ['it decides', { level: 'info', port: 1 }],
  ['a thread was lost', { level: 'warn' }],
  ['it failed', { level: 'error' }],
]

test('text is the line alone', async () => {
  expect(await written([['plain ü 日本 \\n'], ...three])).toEqual([
    'plain ü 日本 \\n',
    'it decides',
    'a thread was lost',
    'it failed',
  ])
})

test.each([
  ['a\nportcullis decides', 'a\\nportcullis decides'],
  ['a\r\nb\tc', 'a\\r\\nb\\tc'],
  ['\u001b[2J\u0007\u009b\u007f', '\\u001b[2J\\u0007\\u009b\\u007f'],
  ['a\u2028b\u202ec\u2066', 'a\\u2028b\\u202ec\\u2066'],
  ['a\u200fb\u061cc', 'a\\u200fb\\u061cc'],
])('what a caller puts in can not make a line of its own: %j', async (line, expected) => {
  expect(await written([[line]])).toEqual([expected])
  const json = await written([[line, { from: line }]], { logFormat: 'json' })
  expect(json).toHaveLength(1)
  expect(json[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  expect(JSON.parse(json[0]!)).toMatchObject({ msg: line, from: line })
})

test('a line of JSON has level, time, msg and the fields, each once', async () => {
  const [line] = await written(
    [['it failed', { level: 'error', part: 'traces', time: 'x', msg: 'y', count: 2 }]],
    { logFormat: 'json' },
  )
  expect(line!.match(/"(?:level|time|msg)":/g)).toHaveLength(3)
  const read = JSON.parse(line!) as Record<string, unknown>
  expect(read).toEqual({
    level: 'error',
    time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
    msg: 'it failed',
    part: 'traces',
    count: 2,
  })
})

test.each([
  ['internal error: x', 'error'],
  ['warning: x', 'warn'],
  ['no warning: x', 'info'],
])('%j is told from what the line says of itself', async (line, level) => {
  const [json] = await written([[line]], { logFormat: 'json' })
  expect(JSON.parse(json!)).toMatchObject({ level, msg: line })
})

test.each(['text', 'json'] as const)('the level is the least that is %s', async (logFormat) => {
  for (const [logLevel, count] of [
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const)
    expect(await written(three, { logFormat, logLevel })).toHaveLength(count)
})

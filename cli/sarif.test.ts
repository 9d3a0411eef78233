import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { run } from './run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-sarif-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** As much of SARIF 2.1.0 (OASIS) as is written here: its names and types, what it requires, and nothing beside. */
const text = { type: 'string' }
const from1 = { type: 'integer', minimum: 1 }
const list = (items: object) => ({ type: 'array', items })
const object = (required: object, optional: object = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
})
const message = object({ text })
const level = { enum: ['none', 'note', 'warning', 'error'] }
const location = object(
  {
    physicalLocation: object({
      artifactLocation: object({ uri: { type: 'string', pattern: '^[^\\s\\\\]+$' } }),
      region: object({ startLine: from1, startColumn: from1, endColumn: from1 }),
    }),
  },
  { id: { type: 'integer', minimum: 0 }, message },
)
const notification = object({ message }, { level, locations: list(location) })
const result = object(
  { message },
  {
    ruleId: text,
    ruleIndex: { type: 'integer', minimum: 0 },
    level,
    locations: list(location),
    relatedLocations: { ...list(location), uniqueItems: true },
    partialFingerprints: { type: 'object', additionalProperties: text },
  },
)
const invocation = object(
  { executionSuccessful: { type: 'boolean' } },
  {
    toolConfigurationNotifications: list(notification),
    toolExecutionNotifications: list(notification),
  },
)
const rule = object({ id: text }, { shortDescription: message })
const driver = object(
  { name: text },
  { version: text, rules: { ...list(rule), uniqueItems: true } },
)
const log = object(
  {
    version: { const: '2.1.0' },
    runs: list(
      object(
        { tool: object({ driver }) },
        {
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          invocations: list(invocation),
          results: list(result),
        },
      ),
    ),
  },
  { $schema: text },
)
const valid = new Ajv2020({ strict: false }).compile(log)

type Log = {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
      readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[]
      readonly invocations: readonly [
        Readonly<Record<`tool${'Configuration' | 'Execution'}Notifications`, readonly object[]>>,
      ]
    },
  ]
}

/** A copy of security-defaults with a file taken out, or with another text. */
function edited(name: string, file: string, content?: string): string {
  const folder = join(scratch, name, 'security-defaults')
  cpSync(join(import.meta.dirname, '../rules/security-defaults'), folder, { recursive: true })
  if (content === undefined) rmSync(join(folder, file))
  else writeFileSync(join(folder, file), content)
  return folder
}

const open = edited('open', 'rules/block-legacy-authentication.json')
const broken = edited('broken', 'cases.json', '{')

test.each<[string, readonly string[], (run: Log['runs'][0]) => number]>([
  ['what is refuted', ['verify', open], ({ results }) => results.length],
  ['a change', ['diff', 'security-defaults', open], ({ results }) => results.length],
  [
    'a fault',
    ['verify', broken],
    ({ invocations: [{ toolConfigurationNotifications: faults }] }) => faults.length,
  ],
  [
    'what is unknown',
    ['verify', '--laws', '--budget', '1', 'security-defaults'],
    ({ invocations: [{ toolExecutionNotifications: told }] }) => told.length,
  ],
])('%s is told in SARIF 2.1.0', async (_, args, told) => {
  let out = ''
  await run([...args, '--format', 'sarif'], {
    out: (part) => (out += part),
    err: () => {},
    readStdin: () => Promise.resolve(''),
    env: {},
    now: () => Date.UTC(2026, 0, 1),
    terminal: false,
  })
  const printed = JSON.parse(out) as Log
  valid(printed)
  expect(valid.errors ?? []).toEqual([])
  const [first] = printed.runs
  expect(told(first)).toBeGreaterThan(0)
  for (const { ruleId, ruleIndex } of first.results)
    expect(first.tool.driver.rules[ruleIndex]!.id).toBe(ruleId)
})

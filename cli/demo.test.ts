import { mkdtempSync, rmSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Io } from './io.ts'
import { run } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-demo-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const demo = join(folder, 'demo')

async function check(args: readonly string[], code: number): Promise<string> {
  let said = ''
  const say = (text: string) => void (said += text)
  const io: Io = {
    out: say,
    err: say,
    readStdin: () => Promise.resolve(''),
    env: {},
    now: () => 0,
    terminal: false,
  }
  expect(await run(args, io), said).toBe(code)
  return said
}

test('the first minute: the demo prints commands, and each does what it says', async () => {
  const said = await check(['demo', demo], 0)
  const commands = [...said.matchAll(/^ {2}npx portcullis (.*)$/gm)].map(([, rest]) =>
    rest!.split(' '),
  )
  const answers: string[] = []
  for (const command of commands) answers.push((await check(command, 0)).split('\n')[0]!)
  expect(answers).toEqual([
    'block',
    expect.stringMatching(/^security-defaults asks more of between 19 and 105 of 200 users/),
    expect.stringMatching(/^security-defaults asks more of 90 of 200 users: 16 with/),
    expect.stringMatching(/^contoso asks more of 19 of 200 users than security-defaults/),
  ])
  const rule = join(demo, 'contoso/rules/payroll-needs-mfa.json')
  expect(await check(['check', join(demo, 'contoso')], 0)).toContain('contoso')
  const edited = readFileSync(rule, 'utf8').replace('"type": "challenge"', '"type": "block"')
  writeFileSync(rule, edited.replace('"requirement": "mfa",', ''))
  expect(await check(commands.at(-1)!, 0)).toMatch(
    /^contoso asks more of \d+ of 200 .*: \d+ with sign-ins that are blocked/,
  )
})

test.each([
  [['demo', folder], /expected a folder that is not there yet or is empty/],
  [
    ['diff', 'security-defaults', 'security-defaults-current', '--names'],
    /--names: expected with --on/,
  ],
  [
    ['diff', 'security-defaults', 'security-defaults-current', '--on', 'x', '--fail-on', 'any'],
    /--fail-on: expected without --on/,
  ],
])('%j is refused', async (args, message) => {
  expect(await check(args, 2)).toMatch(message)
})

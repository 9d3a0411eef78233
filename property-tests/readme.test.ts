import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/**
 * The README's commands, run for real and compared with what it says they print. `README_UPDATE=1 npx vitest run readme`
 * writes down what they print now. The service is started as the README says, on the port it says.
 */
const root = join(import.meta.dirname, '..')
const file = join(root, 'README.md')
const readme = readFileSync(file, 'utf8')

type Example = { readonly command: string; readonly output: string }

const examples: readonly Example[] = [...readme.matchAll(/```console\n(.*?)```/gs)].flatMap(
  ([, block]) =>
    block!
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n')
        return { command: part.slice(0, end), output: part.slice(end + 1) }
      }),
)

/** What differs from run to run. */
const steady = (text: string) =>
  text
    .replaceAll(
      /"decisionId":"[0-9a-f-]{36}","evaluatedAt":"[^"]*"/g,
      '"decisionId":"…","evaluatedAt":"…"',
    )
    .trim()

/** Lines of `…` alone stand for lines that the README leaves out: what is printed, with the same ones left out. */
function shortened(printed: string, wanted: string): string {
  const leftOut = '\n…'
  let at = 0
  for (const part of wanted.split(leftOut)) {
    const found = printed.indexOf(part, at)
    if (found < 0) return printed // as it is, so that the difference is shown
    if (at === 0 && found > 0) return printed
    at = found + part.length
  }
  return at === printed.length || wanted.endsWith(leftOut) ? wanted : printed
}

let service: ChildProcess
beforeAll(async () => {
  const taken = await fetch('http://127.0.0.1:8181/livez').catch(() => undefined)
  if (taken) throw new Error('port 8181 is taken: these tests start the service as the README says')
  service = spawn('npm', ['start'], { cwd: root, detached: true, stdio: 'ignore' })
  for (let tries = 0; tries < 100; tries++) {
    const ready = await fetch('http://127.0.0.1:8181/readyz').then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) return
    if (service.exitCode !== null) throw new Error('npm start ended: is port 8181 taken?')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('npm start does not answer on port 8181')
})
afterAll(async () => {
  const ended = new Promise((resolve) => service.once('exit', resolve))
  process.kill(-service.pid!, 'SIGTERM')
  await ended
})

describe('README', () => {
  test('has examples', () => expect(examples.length).toBeGreaterThan(5))

  test.each(examples)('$command', ({ command, output }) => {
    const printed = execFileSync('bash', ['-c', command], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    if (process.env['README_UPDATE']) {
      const now = readFileSync(file, 'utf8')
      writeFileSync(
        file,
        now.replace(`$ ${command}\n${output}`, () => `$ ${command}\n${printed.trimEnd()}\n`),
      )
    } else expect(shortened(steady(printed), steady(output))).toBe(steady(output))
  })

  test('shows a rule as it is', () => {
    const shown = /```json\n(.*?)```/s.exec(readme)![1]!
    const { name } = JSON.parse(shown) as { name: string }
    expect(JSON.parse(shown)).toEqual(
      JSON.parse(readFileSync(join(root, `rules/security-defaults/rules/${name}.json`), 'utf8')),
    )
  })
})

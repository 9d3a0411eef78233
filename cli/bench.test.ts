import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { samples } from '../bench/report/samples.ts'
import { exit } from './io.ts'
import { run } from './run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-bench-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const logs = join(import.meta.dirname, '../examples/sign-in-logs')

type Wanted = { readonly code: number; readonly out?: RegExp; readonly err?: RegExp }

/** Runs `portcullis bench …` in this process; `~/` is a folder of its own. */
async function check(line: string, { code, out = /^/, err = /^/ }: Wanted): Promise<string> {
  const said = { out: '', err: '' }
  const args = line.split(' ').map((arg) => arg.replace(/^~/, scratch))
  const given = await run(['bench', ...args.filter((arg) => arg !== '')], {
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    readStdin: () => Promise.resolve(''),
    env: {},
    now: Date.now,
    terminal: false,
  })
  expect({ given, err: given === code ? '' : said.err }).toEqual({ given: code, err: '' })
  expect(said.out).toMatch(out)
  expect(said.err).toMatch(err)
  return said.out
}

const [good] = Object.entries(samples).flatMap(([, document]) =>
  document.verdicts.every(({ met }) => met) ? [document] : [],
)
writeFileSync(join(scratch, 'good.json'), JSON.stringify(good))

describe('portcullis bench', () => {
  test.each<[string, Wanted]>([
    ['--help', { code: 0, out: /compare .*Examples:.*portcullis bench --quick/s }],
    ['size --help', { code: 0, out: /--quick.*Examples:.*portcullis bench --quick/s }],
    ['load --help', { code: 0, out: /--shape <name>.*soak +3600 s.*breakpoint/s }],
    ['load --quick', { code: 2, err: /unknown option '--quick'/ }],
    ['report ~/good.json --max-p99 1us', { code: 2, err: /unknown option '--max-p99'/ }],
    ['compare . . --against ~/good.json', { code: 2, err: /unknown option '--against'/ }],
    ['lod', { code: 2, err: /lod/ }],
    ['load --shape cliff', { code: 2, err: /--shape: expected one of smoke, .*got "cliff"/ }],
    ['load --rate 0', { code: 2, err: /--rate.*above 0/ }],
    ['--p99 5', { code: 2, err: /--p99: expected a time such as 5ms, 800us or 1s, got "5"/ }],
    ['--max-p99 soon', { code: 2, err: /--max-p99: expected a time .*got "soon"/ }],
    ['--threshold 5', { code: 2, err: /--threshold: expected a share such as 5%, got "5"/ }],
    [
      'nope',
      { code: 2, err: /bench: expected size, load, .*profiles, report or nothing, got "nope"\n/ },
    ],
    ['laod', { code: 2, err: /got "laod" \(did you mean "load"\?\)/ }],
    ['--seed x', { code: 2, err: /--seed.*whole number/ }],
    ['--pack nope', { code: 2, err: /no pack "nope"/ }],
    [
      '--profile nope',
      { code: 2, err: /expected a file, or one of the profiles .*mixed.*got "nope"/ },
    ],
    [
      '--out report.pdf',
      { code: 2, err: /--out report\.pdf: expected a name that ends with \.html/ },
    ],
    ['--out ~/none/report.html', { code: 2, err: /can't write .*none\/report\.html: .*ENOENT/ }],
    ['--against ~/none.json', { code: 2, err: /can't read .*none\.json/ }],
    ['--target http://192.0.2.1:80', { code: 2, err: /not this machine.*--i-own-this-host/ }],
    ['--target 127.0.0.1:80', { code: 2, err: /expected an address such as http/ }],
    ['--target https://127.0.0.1:80', { code: 2, err: /expected an address such as http:/ }],
    ['--target authzen:https://[::1]', { code: 2, err: /expected an address such as http:/ }],
    ['--target opa:http://127.0.0.1:80', { code: 2, err: /behind portcullis:, authzen:, cerbos:/ }],
    [
      '--target http://127.0.0.1:9',
      { code: 2, err: /expected a decision point at http:\/\/127\.0\.0\.1:9, got ECONNREFUSED/ },
    ],
    [
      '--target authzen:http://127.0.0.1:9',
      { code: 2, err: /expected a decision point at http:\/\/127\.0\.0\.1:9, got ECONNREFUSED/ },
    ],
    ['transport --help', { code: 0, out: /--rounds.*Examples:.*bench transport/s }],
    ['transport --rounds 0', { code: 2, err: /--rounds.*whole number/ }],
    ['compare only-one', { code: 2, err: /missing required argument 'b'/ }],
    ['compare . . --pairs 3', { code: 2, err: /--pairs: expected at least 10, got 3/ }],
    ['compare no-such-revision .', { code: 2, err: /a git revision.*got "no-such-revision"/ }],
    ['report ~/none.json', { code: 2, err: /can't read .*none\.json/ }],
    [
      'report package.json',
      { code: 2, err: /package\.json is not what portcullis bench --json writes/ },
    ],
    ['profile ~/none.json', { code: 2, err: /can't read .*none\.json/ }],
    ['profiles', { code: 0, out: /mixed .*\n.*password-spray/s }],
  ])('%s', async (line, wanted) => void (await check(line, wanted)))

  test('an earlier run is shown again, and written as every report', async () => {
    const files = ['html', 'json', 'xml', 'md'].map((end) => `~/again.${end}`)
    const out = await check(
      `report ~/good.json ${files.map((file) => `--out ${file}`).join(' ')}`,
      { code: 0 },
    )
    expect(out).toContain(good!.headline.slice(0, 40))
    for (const file of files) expect(existsSync(file.replace('~', scratch))).toBe(true)
    expect(JSON.parse(readFileSync(join(scratch, 'again.json'), 'utf8'))).toEqual(good)
  })

  test('a profile is made of a log, is asked, and holds nobody’s name', async () => {
    const out = await check(`profile ${logs}/signins-training-lab.json --name mine`, {
      code: 0,
      err: /rows: \d+ sign-ins of \d+ user/,
    })
    expect(JSON.parse(out)).toMatchObject({ name: 'mine' })
    expect(out).not.toContain('@')
  })

  test.skipIf(process.platform === 'win32').concurrent.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it, and nothing stays behind',
    async (signal) => {
      const home = mkdtempSync(join(scratch, 'tmp-'))
      const bench = spawn(
        process.execPath,
        ['cli/main.js', 'bench', 'compare', 'HEAD', 'HEAD', '--seconds', '60'],
        {
          cwd: join(import.meta.dirname, '..'),
          env: { ...process.env, TMPDIR: home },
          stdio: 'ignore',
        },
      )
      const ended = once(bench, 'exit')
      const folders = () => readdirSync(home).filter((name) => name.startsWith('portcullis-'))
      await vi.waitFor(() => expect(folders()).toHaveLength(2), 15_000)
      bench.kill(signal)
      expect(await ended).toEqual([exit.findings, null])
      expect(folders()).toEqual([])
    },
    40_000,
  )
})

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { shippedPacks } from '../property-tests/packs.ts'
import type { LogReport } from '../replay/index.ts'
import type { Io } from './io.ts'
import { run } from './run.ts'

const { pack } = shippedPacks[0]!
const signIns = pack.cases.map(({ signIn }, at) =>
  JSON.stringify(signIn, null, at % 3 === 0 ? 1 : undefined),
)
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each()
})
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-serve-log-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

type Service = {
  readonly url: string
  readonly err: () => string
  readonly child: ChildProcess
  /** Sends a signal, and resolves to the exit code. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
}

/** A service in a process of its own. */
async function start(...flags: readonly string[]): Promise<Service> {
  const main = join(import.meta.dirname, 'main.js')
  const args = [main, 'serve', '--port', '0', '--threads', '1', '--wait-limit', '0', ...flags]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let err = ''
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  const over = new Promise<number | null>((resolve) => child.once('close', resolve))
  undo.push(() => child.kill('SIGKILL'))
  let url: string | undefined
  while (url === undefined) {
    if (child.exitCode !== null) throw new Error(err)
    url = /decides at (\S+)/.exec(err)?.[1]
    await sleep(20)
  }
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return over
  }
  return { url, err: () => err, child, end }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (is: () => boolean) => {
  while (!is()) await sleep(20)
}

type Told = { readonly status: number; readonly id?: string }
/** What is told of a sign-in; nothing when the service goes away before it is told. */
async function ask(url: string, at: number): Promise<Told | undefined> {
  try {
    const headers = { 'content-type': 'application/json' }
    const body = signIns[at % signIns.length]!
    const answer = await fetch(`${url}/v1/decisions`, { method: 'POST', headers, body })
    const { decisionId } = (await answer.json()) as { decisionId?: string }
    return { status: answer.status, ...(decisionId !== undefined && { id: decisionId }) }
  } catch {
    return undefined
  }
}

async function replayed(file: string): Promise<LogReport> {
  let out = ''
  const io: Io = {
    out: (text) => void (out += text),
    err: () => undefined,
    readStdin: async () => '',
    env: {},
    now: Date.now,
    terminal: false,
  }
  await run(['replay', '--decision-log', '--json', file], io)
  return JSON.parse(out) as LogReport
}
const idsIn = (file: string): ReadonlySet<string> =>
  new Set([...readFileSync(file, 'utf8').matchAll(/"decisionId":"([^"]+)"/g)].map(([, id]) => id!))

describe('a service that is killed while it writes', () => {
  const [callers, rounds] = [8, 3]
  test.each([
    ['answer', '1'],
    ['answer', '2'],
    ['interval', '2'],
  ])(
    'with fsync %s and %s listeners leaves a log in which nothing is misread',
    async (fsync, listeners) => {
      const file = join(newFolder(), 'log')
      const acknowledged: string[] = []
      for (let round = 0; round < rounds; round++) {
        const flags = ['--decision-log', file, '--decision-log-fsync', fsync]
        const { url, end } = await start(...flags, '--listeners', listeners)
        const over = new AbortController()
        const asking = Array.from({ length: callers }, async (_, caller) => {
          for (let time = 0; !over.signal.aborted; time++) {
            const told = await ask(url, caller + time * callers)
            if (told?.id !== undefined) acknowledged.push(told.id)
          }
        })
        const before = acknowledged.length
        await until(() => acknowledged.length >= before + 60 + 37 * round)
        await end('SIGKILL')
        over.abort()
        await Promise.all(asking)
        appendFileSync(file, '{"v":1,"signIn":{"at":') // as if it had been killed within a write
      }
      const last = await start('--decision-log', file)
      expect(last.err()).toContain('ends within a line, of which the rest was lost')
      expect((await ask(last.url, 0))?.status).toBe(200)
      expect(await last.end('SIGTERM')).toBe(0)

      const { same, lines, different, foreign, torn } = await replayed(file)
      expect({ different, foreign }).toEqual({ different: 0, foreign: 0 })
      expect(same + torn).toBe(lines)
      expect(torn).toBeGreaterThanOrEqual(rounds)
      expect(torn).toBeLessThanOrEqual(2 * rounds)
      if (fsync !== 'answer') return
      const ids = idsIn(file)
      expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
      expect(acknowledged.length).toBeGreaterThan(250)
    },
  )
})

/** A disk of one megabyte, where that may be had. */
function smallDisk(): string | undefined {
  const folder = newFolder()
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
  if (status !== 0) return undefined
  undo.push(() => spawnSync('umount', ['-l', folder]))
  return folder
}

describe('a service whose disk is full', () => {
  const flags = [
    '--body-limit',
    '4096',
    '--decision-log-buffer',
    '69632',
    '--decision-timeout',
    '200',
  ]
  test.each([
    ['drop', 'interval'],
    ['block', 'interval'],
    ['deny', 'interval'],
    ['block', 'answer'],
    ['deny', 'answer'],
  ])('does as --decision-log-on-full %s says, with fsync %s', async (onFull, fsync) => {
    const disk = smallDisk()
    const file = disk === undefined ? '/dev/full' : join(disk, 'log')
    const policy = ['--decision-log-on-full', onFull, '--decision-log-fsync', fsync]
    const { url, err, end } = await start('--decision-log', file, ...policy, ...flags)
    if (disk !== undefined) {
      expect((await ask(url, 0))?.status).toBe(200)
      writeFileSync(join(disk, 'rest'), '')
      expect(() => {
        for (;;) appendFileSync(join(disk, 'rest'), Buffer.alloc(1_000))
      }).toThrow('ENOSPC')
    }
    const told: Told[] = []
    for (let at = 0; at < 120; at += 20) {
      const together = Array.from({ length: 20 }, (_, caller) => ask(url, at + caller))
      told.push(...(await Promise.all(together)).map((each) => each!))
    }
    await until(() => err().includes("the decision log can't be written: ENOSPC"))
    expect(await fetch(`${url}/livez`).then(({ status }) => status)).toBe(200)
    const decided = told.flatMap(({ id }) => id ?? [])
    const refused = told.filter(({ status }) => status === 503).length
    expect(decided.length + refused).toBe(told.length)
    if (onFull === 'drop') expect(refused).toBe(0)
    else expect(refused).toBeGreaterThan(0)
    if (disk === undefined) return

    rmSync(join(disk, 'rest'))
    await until(() => err().includes('the decision log is written again'))
    const again = (await ask(url, 1))!
    expect(again.status).toBe(200)
    expect(await end('SIGTERM')).toBe(0)
    const { same, lines, torn } = await replayed(file)
    expect({ same, torn }).toEqual({ same: lines, torn: 0 })
    const ids = idsIn(file)
    expect(ids).toContain(again.id)
    const missing = decided.filter((id) => !ids.has(id)).length
    if (onFull !== 'drop') expect(missing).toBe(0)
    else {
      expect(missing).toBeGreaterThan(0)
      expect(err()).toContain(`${missing} entries dropped`)
    }
  })
})

describe('a service whose log goes to stdout', () => {
  test('writes entries there, and what it says itself to stderr', async () => {
    const { url, child, end } = await start(
      '--decision-log',
      'stdout',
      '--decision-log-fsync',
      'answer',
    )
    let out = ''
    child.stdout!.on('data', (text: Buffer) => (out += text.toString()))
    const { id } = (await ask(url, 0))!
    expect(await end('SIGTERM')).toBe(0)
    const [line, rest] = out.split('\n')
    expect((JSON.parse(line!) as { decision: { decisionId: string } }).decision.decisionId).toBe(id)
    expect(rest).toBe('')
  })

  test('lives on when nobody reads it any more, and says so', async () => {
    const { url, child, err, end } = await start('--decision-log', 'stdout')
    child.stdout!.destroy()
    expect((await ask(url, 0))?.status).toBe(200)
    await until(() => err().includes("the decision log can't be written"))
    expect((await ask(url, 1))?.status).toBe(200)
    expect(await end('SIGTERM')).toBe(0)
    expect(err()).toContain('2 entries of the decision log were lost')
  })

  test('answers what is not decided while its reader sleeps, and stops in time', async () => {
    const policy = [
      '--decision-log-on-full',
      'deny',
      '--body-limit',
      '4096',
      '--decision-log-buffer',
      '69632',
    ]
    const { url, child, err, end } = await start('--decision-log', 'stdout', ...policy)
    child.stdout!.pause()
    let status = 200
    const headers = { 'content-type': 'application/json' }
    const body = `[${signIns.join(',')}]`
    while (status === 200) {
      const batch = await fetch(`${url}/v1/decisions/batch`, { method: 'POST', headers, body })
      if ((await batch.text()).includes('"status":503')) status = 503
    }
    expect(await fetch(`${url}/livez`).then((answer) => answer.status)).toBe(200)
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone // while nobody reads
    child.stdout!.resume()
    await end('SIGTERM')
    expect(err()).toContain('stopped')
  })
})

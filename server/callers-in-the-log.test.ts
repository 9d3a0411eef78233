import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { answer } from '../engine/index.ts'
import { shippedPacks } from '../property-tests/packs.ts'
import { logTo } from './log-to.ts'
import { serve } from './serve.ts'
import { readSettings } from './settings/read.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
afterAll(() => rmSync(folder, { recursive: true }))

const live = shippedPacks.find(({ name }) => name === 'security-defaults')!
const candidate = shippedPacks.find(({ name }) => name === 'security-defaults-current')!

/** What an attacker would like to see in a log: a line of its own, a cursor that moves, a text that is turned around. */
const mark = 'SENT-BY-A-CALLER'
const hostile = `${mark}\n{"level":"info","msg":"${mark}"}\r\u001b[2J\u009b2J\u007f\u2028\u202e\u200f`
const asHeader = `${mark}\u009b2J`

type Sent = { readonly path: string; readonly type?: string; readonly body?: string }
/** Which the candidate decides otherwise. */
const signIn = live.pack.cases
  .map((each) => each.signIn)
  .find((each) => {
    const outcomes = [live, candidate].map(({ loaded }) => {
      const told = answer(loaded, JSON.stringify(each), Date.now())
      return 'outcome' in told ? told.outcome : undefined
    })
    return outcomes[0] !== outcomes[1]
  })!
/** As little escaped as JSON allows. */
const bare = (json: unknown) =>
  JSON.stringify(json).replaceAll(/\\u(007f|009b|2028|202e|200f)/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
const envelope = { correlationId: hostile, userPrincipalName: hostile }
const asked: readonly Sent[] = [
  { path: '/v1/decisions', body: `\r\n${bare({ ...signIn, envelope })}\n` },
  { path: '/v1/decisions', body: bare({ ...signIn, envelope: { [hostile]: hostile } }) },
  { path: '/v1/decisions', body: bare({ ...signIn, [hostile]: 1 }) },
  { path: '/v1/decisions', body: bare({ ...signIn, client: { app: hostile } }) },
  { path: '/v1/decisions', body: hostile },
  { path: '/v1/decisions', type: `text/${asHeader}`, body: hostile },
  { path: '/v1/decisions/explain', body: bare({ ...signIn, envelope }) },
  { path: '/v1/decisions/batch', body: `[${bare({ ...signIn, envelope })},${bare(hostile)}]` },
  { path: '/v1/decisions/batch', body: `[${hostile}` },
  {
    path: '/v1/decisions/batch',
    type: 'application/x-ndjson',
    body: `${hostile}\n${bare({ ...signIn, envelope })}\n${hostile}`,
  },
  ...['reload', 'rollback', 'activate'].flatMap((name): Sent[] => [
    { path: `/v1/rule-set/${name}`, body: hostile },
    { path: `/v1/rule-set/${name}`, body: bare({ [hostile]: hostile }) },
  ]),
  { path: '/v1/rule-set/activate', body: bare({ revision: hostile }) },
  { path: '/v1/shadow/promote', body: bare({ revision: hostile }) },
  { path: `/${mark}%0a${mark}?${mark}` },
  { path: `/problems/${mark}` },
  { path: `/v1/rule-set?${mark}` },
]

const send = (url: string, { path, type = 'application/json', body }: Sent) =>
  new Promise<void>((resolve, reject) => {
    const headers = {
      'user-agent': asHeader,
      traceparent: `00-${asHeader}`,
      tracestate: asHeader,
      authorization: `Bearer ${asHeader}`,
      ...(body !== undefined && { 'content-type': type }),
    }
    const method = body === undefined ? 'GET' : 'POST'
    request(`${url}${path}`, { method, headers, agent: false })
      .once('response', (response) => response.resume().once('close', resolve))
      .once('error', reject)
      .end(body)
  })

test.each(['text', 'json'] as const)(
  'a log as %s holds nothing that a caller sent but JSON texts, on one line and printable; logs of decisions hold a line of JSON for each',
  async (logFormat) => {
    const [decisionLog, shadowLog] = ['decisions', 'shadow'].map((name) =>
      join(folder, `${name}.${logFormat}`),
    ) as [string, string]
    const flags = { port: '0', threads: '1', decisionLog, shadowLog, logFormat }
    const read = readSettings(flags, {})
    if ('faults' in read) throw new Error(read.faults.join())
    let text = ''
    const log = await logTo((more) => void (text += more), read.settings)
    const { url, stop } = await serve(live.pack, read.settings, log, live.source, { candidate })
    for (const each of asked) await send(url, each)
    const linesIn = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1)
    // The shadow compares when it comes to it.
    await vi.waitFor(() => expect(linesIn(shadowLog)).toHaveLength(3), { timeout: 50_000 })
    await stop()

    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(text).not.toMatch(/internal error/)
    const lines = text.split('\n').slice(0, -1)
    const said = lines.filter((line) => line.includes(mark))
    const messages = said.map((line) =>
      logFormat === 'json' ? (JSON.parse(line) as { msg: string }).msg : line,
    )
    // An operator who names no revision is told what it was instead, as the JSON text that it is.
    expect(messages).toEqual([
      expect.stringMatching(new RegExp(`^http: .*, got "${mark}.*\\).* still decides$`, 's')),
    ])

    for (const entries of [decisionLog, shadowLog].map(linesIn)) {
      expect(entries).toHaveLength(3) // single, in an array, in a stream
      for (const entry of entries)
        expect(JSON.parse(entry)).toMatchObject({
          v: 1,
          signIn: { envelope },
          decision: { correlationId: hostile },
        })
    }
  },
)

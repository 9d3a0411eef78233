import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shippedPacks } from '../property-tests/packs.ts'
import { settingsOf } from '../property-tests/settings.ts'
import { serve, type Running } from './serve.ts'

const { pack } = shippedPacks[0]!
const signIn = JSON.stringify(pack.cases[0]!.signIn)

/** Short enough to be waited for; no test asks how soon something happens, only that it does, and what. */
const short = { headersTimeout: '300', requestTimeout: '300', idleTimeout: '1000' }
let service: Running
let patient: Running
async function start(flags: Readonly<Record<string, string>>): Promise<Running> {
  const settings = settingsOf(flags)
  return serve(pack, settings, () => undefined)
}
beforeAll(async () => {
  service = await start({ ...short, keepAliveTimeout: '300' })
  patient = await start({ headersTimeout: '30000', requestTimeout: '30000', maxConnections: '2' })
})
afterAll(() => Promise.all([service.stop(), patient.stop()]))

/** Bytes to send, and what else to do: each after what came before it was sent. */
type Step =
  | string
  | { readonly pauseMs: number }
  | { readonly act: 'half-close' | 'do not read' | 'read' }
const halfClose = { act: 'half-close' } as const

/** All that comes back until the service closes the connection, which it must. */
function exchanged(steps: readonly Step[], { url } = service): Promise<string> {
  const { port, hostname } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
    let got = ''
    socket.on('data', (data) => (got += data.toString('latin1')))
    socket.on('end', () => socket.end())
    socket.on('error', () => undefined) // a connection may be reset; what came before counts
    socket.on('close', () => resolve(got))
    void (async () => {
      for (const step of steps) {
        if (typeof step === 'string') {
          if (socket.writable) await new Promise((go) => socket.write(step, go))
        } else if ('pauseMs' in step) await new Promise((go) => setTimeout(go, step.pauseMs))
        else if (step.act === 'half-close') socket.end()
        else if (step.act === 'read') socket.resume()
        else socket.pause()
      }
    })().catch(reject)
  })
}

const head = (more = '', path = '/v1/decisions', version = '1.1') =>
  `POST ${path} HTTP/${version}\r\nhost: localhost\r\ncontent-type: application/json\r\n${more}`
const length = `content-length: ${signIn.length}\r\n`
const closing = 'connection: close\r\n'
const ordinary = `${head(length + closing)}\r\n${signIn}`
const dripped = (text: string): readonly Step[] =>
  Array.from({ length: 12 }, (_, at) => [text[at]!, { pauseMs: 100 }]).flat()

/** Statuses of the answers in what came back; each but a decision is a problem in JSON, or says nothing. */
function statuses(got: string): readonly number[] {
  const answers = got.split(/(?=HTTP\/1\.1 \d{3} )/).filter((answer) => answer !== '')
  return answers.map((answer) => {
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)![1])
    if (status >= 400) {
      expect(answer).toMatch(/content-type: application\/problem\+json\r\n/i)
      const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
      if (body !== '') expect(JSON.parse(body)).toMatchObject({ status })
    }
    return status
  })
}

describe('a connection', () => {
  test.each<[what: string, steps: readonly Step[], expected: readonly number[]]>([
    ['that asks once', [ordinary], [200]],
    ['that asks with HTTP/1.0', [`${head(length, undefined, '1.0')}\r\n${signIn}`], [200]],
    ['that asks by an absolute URI', [ordinary.replace('/v1', 'http://localhost/v1')], [200]],
    ['that says all and closes its side', [ordinary.replace(closing, ''), halfClose], [200]],
    [
      'that asks several at once is answered in turn',
      [ordinary.replace(closing, '').repeat(3) + ordinary],
      [200, 200, 200, 200],
    ],
    [
      'that asks very many at once is told to stop',
      [ordinary.replace(closing, '').repeat(2_000)],
      [200, 200, 200],
    ],
    ['that says nothing', [], [408]],
    ['that closes its side at once', [halfClose], []],
    ['that says its head slowly', dripped(ordinary), [408]],
    ['that says half of its head', [ordinary.slice(0, 40)], [408]],
    ['that says half of its head and closes', [ordinary.slice(0, 40), halfClose], [400]],
    ['that says no body', [`${head(length)}\r\n`], [408]],
    ['that says its body slowly', [`${head(length)}\r\n`, ...dripped(signIn)], [408]],
    ['that says half of its body', [`${head(length)}\r\n${signIn.slice(0, 9)}`], [408]],
    [
      'that says half of its body and closes',
      [`${head(length)}\r\n${signIn.slice(0, 9)}`, halfClose],
      [400],
    ],
    ['that asks and then idles', [ordinary.replace(closing, '')], [200]],
    ['with a head that is too large', [`${head(`x: ${'a'.repeat(20_000)}\r\n`)}\r\n`], [431]],
    ['with very large a head', [`${head(`x: ${'a'.repeat(2_000_000)}\r\n`)}\r\n`], [431]],
    [
      'with too many headers',
      [`${head(`${'x: y\r\n'.repeat(200)}${length}`)}\r\n${signIn}`],
      [431],
    ],
    ['with two lengths', [`${head(`content-length: 2\r\n${length}`)}\r\n${signIn}`], [400]],
    [
      'with a length and chunks',
      [`${head(`${length}transfer-encoding: chunked\r\n`)}\r\n0\r\n\r\n`],
      [400],
    ],
    ['with chunks of no length', [`${head('transfer-encoding: chunked\r\n')}\r\nzz\r\n`], [400]],
    [
      'with HTTP/1.0 and chunks',
      [
        `${head('transfer-encoding: chunked\r\n', undefined, '1.0')}\r\n${signIn.length.toString(16)}\r\n${signIn}\r\n0\r\n\r\n`,
      ],
      [400],
    ],
    ['with an encoding that is not chunked', [`${head('transfer-encoding: gzip\r\n')}\r\n`], [415]],
    [
      'with a compressed transfer',
      [`${head('transfer-encoding: gzip, chunked\r\n')}\r\n2\r\n{}\r\n0\r\n\r\n`],
      [415],
    ],
    ['of HTTP/1.0 needs no host', ['GET /readyz HTTP/1.0\r\n\r\n'], [200]],
    ['without a host', [ordinary.replace('host: localhost\r\n', '')], [400]],
    ['with two hosts', [ordinary.replace('host: localhost', 'host: localhost\r\nHost: y')], [400]],
    ['with a host that is none', [ordinary.replace('host: localhost', 'host: a/b@c')], [400]],
    ['with HTTP/0.9', [ordinary.replace('HTTP/1.1', 'HTTP/0.9')], [505]],
    ['with HTTP/2.0', [ordinary.replace('HTTP/1.1', 'HTTP/2.0')], [505]],
    ['with lines that end in LF', [ordinary.replaceAll('\r\n', '\n')], [400]],
    ['that speaks no HTTP', ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'], [400]],
    ['that speaks HTTP/2', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], [400]],
    [
      'with a compressed body',
      [`${head(`${length}${closing}content-encoding: gzip\r\n`)}\r\n${signIn}`],
      [415],
    ],
    [
      'that waits to be told to go on',
      [`${head(`${length}${closing}expect: 100-continue\r\n`)}\r\n`, { pauseMs: 50 }, signIn],
      [100, 200],
    ],
    ['that expects something else', [`${head(`${length}expect: tea\r\n`)}\r\n${signIn}`], [417]],
    ['that wants a tunnel', ['CONNECT x:1 HTTP/1.1\r\nhost: localhost\r\n\r\n'], [405]],
    [
      'that wants a tunnel after it has failed',
      ['garbage\r\n\r\n', { pauseMs: 50 }, 'CONNECT x:1 HTTP/1.1\r\nhost: localhost\r\n\r\n'],
      [400],
    ],
    [
      'that wants a tunnel beside an answer',
      [`${ordinary.replace(closing, '')}CONNECT x:1 HTTP/1.1\r\nhost: localhost\r\n\r\n`],
      [200, 405],
    ],
    [
      'that wants another protocol is answered in this one',
      [`${head(`${length}connection: close, upgrade\r\nupgrade: h2c\r\n`)}\r\n${signIn}`],
      [200],
    ],
    ['HEAD', [`HEAD /livez HTTP/1.1\r\nhost: localhost\r\n${closing}\r\n`], [200]],
    ['OPTIONS', [`OPTIONS /v1/decisions HTTP/1.1\r\nhost: localhost\r\n${closing}\r\n`], [405]],
    ['OPTIONS *', [`OPTIONS * HTTP/1.1\r\nhost: localhost\r\n${closing}\r\n`], [400]],
    ['TRACE', [`TRACE /v1/decisions HTTP/1.1\r\nhost: localhost\r\n${closing}\r\n`], [405]],
  ])('%s', async (_, steps, expected) => {
    const got = statuses(await exchanged(steps))
    expect(got.slice(0, expected.length)).toEqual(expected)
    if (expected.length < 3) expect(got).toHaveLength(expected.length)
  })

  test('is told a problem of its second request after the answer to its first', async () => {
    const got = statuses(await exchanged([`${ordinary.replace(closing, '')}garbage\r\n\r\n`]))
    expect(got).toEqual([200, 400])
  })

  test('may always have another request under way, however many it has made', async () => {
    const pooled = await start({ pool: 'pooled' })
    const { port, hostname } = new URL(pooled.url)
    const socket = connect(Number(port), hostname)
    const again = ordinary.replace(closing, '')
    let [got, asked, answered] = ['', 0, 0]
    socket.on('data', (data) => {
      got += data.toString()
      answered = got.split('HTTP/1.1 ').length - 1
      if (answered >= 1_000) socket.destroy()
    })
    const keepAsking = () => {
      for (; asked < answered + 16; asked++) socket.write(again)
      if (!socket.destroyed) setImmediate(keepAsking)
    }
    keepAsking()
    await new Promise((resolve) => socket.on('close', resolve))
    await pooled.stop()
    expect(statuses(got).filter((status) => status !== 200)).toEqual([])
    expect(statuses(got).length).toBeGreaterThanOrEqual(1_000)
  })

  test('that takes no answers is closed', async () => {
    const batch = `[${Array.from({ length: 900 }, () => signIn.replaceAll(/\s/g, '')).join(',')}]`
    const asking = `${head(`content-length: ${batch.length}\r\n`, '/v1/decisions/batch')}\r\n${batch}`
    const got = await exchanged([
      { act: 'do not read' },
      ...Array.from({ length: 30 }, () => asking),
      { pauseMs: 1_500 },
      { act: 'read' },
    ])
    expect(got.match(/"index":899,/g)?.length ?? 0).toBeLessThan(30)
  })

  test('with a stream may last longer than a body may take, as long as it moves', async () => {
    const stream = head('transfer-encoding: chunked\r\n', '/v1/decisions/batch').replace(
      'application/json',
      'application/x-ndjson',
    )
    const line = '3\r\n{}\n\r\n'
    const moving = Array.from({ length: 8 }, () => [{ pauseMs: 150 }, line]).flat()
    const whole = await exchanged([`${stream}${closing}\r\n`, ...moving, '0\r\n\r\n'])
    expect(whole.match(/"index":\d/g)).toHaveLength(8)
    const stalled = await exchanged([`${stream}\r\n`, line])
    expect(stalled.match(/"index":\d/g)).toHaveLength(1)
    expect(stalled).not.toMatch(/\r\n0\r\n\r\n$/) // it does not look whole
  })

  test('beyond the most is closed, and a later one is kept again', async () => {
    const { port, hostname } = new URL(patient.url)
    const open = () =>
      new Promise<ReturnType<typeof connect>>((resolve) => {
        const socket = connect(Number(port), hostname, () => resolve(socket))
      })
    const two = [await open(), await open()]
    expect(await exchanged([ordinary], patient)).toBe('')
    const gone = two.map((socket) => new Promise((resolve) => socket.on('close', resolve)))
    for (const socket of two) socket.destroy()
    await Promise.all(gone)
    await expect.poll(() => exchanged([ordinary], patient)).toMatch(/^HTTP\/1\.1 200 /)
  })
})

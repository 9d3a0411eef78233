import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { answer, load } from '../engine/index.ts'
import { shippedPacks } from '../property-tests/packs.ts'
import { settingsOf } from '../property-tests/settings.ts'
import { serve, type Running } from './serve.ts'

const { pack } = shippedPacks[0]!
const whole = JSON.stringify(pack.cases[0]!.signIn)
const running: Running[] = []
afterEach(() => Promise.all(running.splice(0).map((each) => each.stop())))

async function start(flags: Readonly<Record<string, string>> = {}): Promise<Running> {
  const settings = settingsOf(flags)
  const each = await serve(pack, settings, () => undefined)
  running.push(each)
  return each
}

const ask = (url: string, body = whole, path = '/v1/decisions') =>
  fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

/** Sends bytes as they are, part by part, and resolves to all that comes back until the connection ends. */
const raw = (url: string, ...parts: readonly (string | Uint8Array)[]) =>
  new Promise<string>((resolve, reject) => {
    const { port, hostname } = new URL(url)
    const send = (part: number): void => {
      if (part < parts.length) socket.write(parts[part]!, () => send(part + 1))
    }
    const socket = connect(Number(port), hostname, () => send(0))
    socket.setNoDelay()
    let answer = ''
    socket.setTimeout(5_000, () => socket.destroy())
    socket.on('data', (data) => (answer += data.toString()))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })

describe('a running service', () => {
  test('decides over a real socket, and lives on after abuse', async () => {
    const { url } = await start()
    expect(await (await ask(url)).json()).toMatchObject({ outcome: 'allow' })
    expect((await ask(url, 'a'.repeat(5_000_000))).status).toBe(413)
    expect((await ask(url, '['.repeat(10_000) + ']'.repeat(10_000))).status).toBe(400)
    for (const request of [
      'GARBAGE\r\n\r\n',
      'POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: nonsense\r\n\r\n',
      `GET /livez HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      'POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{{{\r\n0\r\n\r\n',
    ])
      expect(await raw(url, request)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(await (await ask(url)).json()).toMatchObject({ outcome: 'allow' })
  })

  test.each(['auto', 'inline', 'pooled'])(
    'with pool %s every case is answered as by the rules, however its bytes come in',
    async (where) => {
      const { url } = await start({ pool: where })
      const loaded = load(pack.ruleSet)
      for (const { signIn } of pack.cases.slice(0, 30)) {
        const text = JSON.stringify(signIn)
        const bytes = Buffer.from(text)
        const expected = answer(loaded, text, 0) as { json: string }
        for (const parts of [[bytes], [bytes.subarray(0, 1), bytes.subarray(1)]]) {
          const got = await (
            await fetch(`${url}/v1/decisions`, {
              method: 'POST',
              headers: { 'content-type': 'application/json', 'content-length': `${bytes.length}` },
              body: ReadableStream.from(parts),
              duplex: 'half',
            })
          ).text()
          expect(got).toMatch(/^\{"decisionId":"[0-9a-f-]{36}","evaluatedAt":"[^"]{24}",/)
          expect(`{${got.slice(got.indexOf('"outcome"'))}`).toBe(expected.json)
        }
      }
      for (const body of ['{', '{}', '\uFEFF{}', 'ü', '[]', ''])
        expect((await ask(url, body)).status).toBe(400)
    },
  )

  test('a caller that goes away in the middle of its body leaves nothing behind', async () => {
    const { url } = await start()
    const head = `POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n`
    const { port, hostname } = new URL(url)
    for (const text of [head, `${head}{"user":`]) {
      const socket = connect(Number(port), hostname)
      await new Promise((resolve) => socket.write(text, resolve))
      socket.destroy()
    }
    expect(await (await ask(url)).json()).toMatchObject({ outcome: 'allow' })
  })

  test('sign-ins in one connection are answered in turn, whole or in parts, decided at once or asked of the pool', async () => {
    const { url } = await start()
    const cases = pack.cases.slice(0, 20)
    const requests = cases.map(({ signIn }, index) => {
      const text = JSON.stringify(
        index % 3 === 1 ? { ...signIn, envelope: { userId: 'ü' } } : signIn,
      )
      const close = index === cases.length - 1 ? 'connection: close\r\n' : ''
      return `POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\n${close}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
    })
    const bytes = Buffer.from(requests.join(''))
    const outcomes = cases.map((each) => each.expect.outcome)
    for (const size of [bytes.length, 701]) {
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, part) =>
        bytes.subarray(part * size, (part + 1) * size),
      )
      const got = await raw(url, ...parts)
      expect([...got.matchAll(/"outcome":"(\w+)"/g)].map((match) => match[1])).toEqual(outcomes)
    }
  })

  test('a sign-in of which each byte comes alone is decided', async () => {
    const { url } = await start()
    const head = `POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(whole)}\r\n\r\n`
    const got = await raw(url, head, ...Array.from(Buffer.from(whole), (byte) => Buffer.of(byte)))
    expect(got).toContain('"outcome":"allow"')
  })

  test('many at once are each answered with their own decision', async () => {
    const { url } = await start()
    const cases = pack.cases.slice(0, 100)
    const answers = await Promise.all(
      cases.map(
        async (each) =>
          (await (await ask(url, JSON.stringify(each.signIn))).json()) as {
            outcome: string
            decisionId: string
          },
      ),
    )
    expect(answers.map(({ outcome }) => outcome)).toEqual(cases.map((each) => each.expect.outcome))
    expect(new Set(answers.map(({ decisionId }) => decisionId)).size).toBe(cases.length)
  })

  test('a stream of lines is answered line by line while it is sent', async () => {
    const { url } = await start()
    let next: (text: string) => void = () => undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        next = (text) =>
          text === '' ? controller.close() : controller.enqueue(new TextEncoder().encode(text))
      },
    })
    const answer = fetch(`${url}/v1/decisions/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
      duplex: 'half',
    })
    next(`${whole}\n`)
    const reader = (await answer).body!.pipeThrough(new TextDecoderStream()).getReader()
    expect(JSON.parse((await reader.read()).value!)).toMatchObject({ outcome: 'allow' }) // before the rest is sent
    next('{}\n')
    next('')
    let rest = ''
    for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value
    expect(JSON.parse(rest)).toMatchObject({ status: 400, index: 1 })
  })

  test('a stop lets what is under way finish, and then nothing listens', async () => {
    const each = await start()
    const answers = Array.from({ length: 20 }, () => ask(each.url))
    await Promise.race(answers)
    await each.stop()
    const settled = await Promise.allSettled(answers)
    for (const answer of settled)
      if (answer.status === 'fulfilled') expect([200, 503]).toContain(answer.value.status)
    await expect(ask(each.url)).rejects.toThrow()
  })

  test('a taken port is an error, and leaves no threads behind', async () => {
    const { url } = await start()
    await expect(start({ port: new URL(url).port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

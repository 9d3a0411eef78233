import { connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { inline, pooled, type Decider } from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { createApp } from '../app.ts'
import { httpServer } from '../http.ts'
import { watchService } from '../metrics.ts'
import { servicesOf } from '../services.ts'

const { pack } = shippedPacks[0]!
const whole = JSON.stringify(pack.cases[0]!.signIn)
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A service with a decider of the test's own, and where it listens. */
async function start(decider: Decider, flags: Readonly<Record<string, string>> = {}) {
  const settings = settingsOf(flags)
  const metrics = watchService()
  const logged: string[] = []
  const services = servicesOf({
    settings,
    live: () => pack,
    decider,
    metrics,
    clock: () => 0,
    log: (line: string) => void logged.push(line),
  })
  const server = httpServer(createApp(services), services)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(metrics.close, () => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}/v1/decisions/batch`, logged, sockets }
}

/** Decides inline, but only once it is let to; counts how often it was asked, and for how many. */
function gated(isOpen = false) {
  const all = inline(pack.ruleSet)
  const held: (() => void)[] = []
  const asked = { calls: 0, bodies: 0 }
  const decider: Decider = {
    ...all,
    async decide(bodies, now) {
      asked.calls++
      asked.bodies += bodies.length
      if (!isOpen) await new Promise<void>((resolve) => held.push(resolve))
      return all.decide(bodies, now)
    },
  }
  return {
    decider,
    asked,
    next: () => held.shift()?.(),
    open: () => {
      isOpen = true
      for (const go of held.splice(0)) go()
    },
  }
}

const post = (url: string, body: string, type = 'application/json') =>
  fetch(url, { method: 'POST', headers: { 'content-type': type }, body })

const head = (type: string, length?: number) =>
  `POST /v1/decisions/batch HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\n` +
  `${length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`}\r\n\r\n`
const frame = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  ends.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Turns of the event loop until that holds; a test that waits in vain ends by its timeout. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** Resolves once a figure has not changed for a while. */
async function settled(figure: () => number): Promise<number> {
  for (;;) {
    const before = figure()
    await new Promise((resolve) => setTimeout(resolve, 150))
    if (figure() === before) return before
  }
}

const said = (text: string) =>
  (JSON.parse(text) as { index: number; outcome?: string; status?: number }[]).map(
    ({ index, outcome, status }) => [index, outcome ?? status],
  )
const linesOf = (text: string) => `[${text.trimEnd().split('\n').join(',')}]`

describe('a stream', () => {
  test('is answered the same however its bytes come in', async () => {
    const { port } = await start(inline(pack.ruleSet), { bodyLimit: '2000' })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(whole, '{}', '', '{', '"ü"', ' ', 'a'.repeat(2_001)), {
          maxLength: 8,
        }),
        fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 12 }),
        async (lines, sizes) => {
          const text = lines.join('\n')
          const bytes = Buffer.from(head('application/x-ndjson', Buffer.byteLength(text)) + text)
          const answers = async (cuts: readonly number[]) => {
            const socket = await open(port)
            socket.setNoDelay(true)
            let from = 0
            for (const cut of cuts) {
              socket.write(bytes.subarray(from, (from += cut)))
              await new Promise(setImmediate)
            }
            socket.end(bytes.subarray(from))
            let got = ''
            for await (const part of socket) got += (part as Buffer).toString('latin1')
            expect(got).toMatch(/^HTTP\/1\.1 200 /)
            return said(linesOf(bodyOf(got)))
          }
          expect(await answers(sizes)).toEqual(await answers([]))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('whose reader is slow is read no faster than it is answered, and loses nothing', async () => {
    const { decider, asked } = gated(true)
    const { port } = await start(decider)
    const socket = await open(port)
    socket.pause()
    const [frames, lines] = [200, 100]
    socket.write(head('application/x-ndjson'))
    for (let sent = 0; sent < frames; sent++) socket.write(frame(`${whole}\n`.repeat(lines)))
    socket.write('0\r\n\r\n')
    await until(() => asked.bodies > 0)
    expect(await settled(() => asked.bodies)).toBeLessThan(frames * lines)
    let answers = 0
    for await (const part of socket) {
      answers += (part as Buffer).toString('latin1').split('"decisionId"').length - 1
      if (asked.bodies === frames * lines && answers >= frames * lines - 5) break
    }
    expect(asked.bodies).toBe(frames * lines)
  })

  test('whose caller has gone is decided no further', async () => {
    const { decider, asked, next, open: openGate } = gated()
    const { port, url, sockets, logged } = await start(decider)
    const socket = await open(port)
    socket.write(head('application/x-ndjson'))
    for (let sent = 0; sent < 50; sent++) socket.write(frame(`${whole}\n`.repeat(1_000)))
    await until(() => asked.calls === 4)
    socket.destroy()
    await until(() => {
      next() // until its answers find nobody
      return sockets.size === 0
    })
    const { calls } = asked
    expect(calls).toBeLessThan(50)
    openGate()
    expect((await post(url, `[${whole}]`)).status).toBe(200)
    expect(asked.calls).toBe(calls + 1) // the batch just now, and no line more
    expect(logged).toEqual([])
  })

  test('waits for others to be decided instead of being turned away', async () => {
    const small = await pooled(pack.ruleSet, { threads: 1, mostWaiting: 40 })
    ends.push(small.close)
    const { url } = await start(small, { queueLimit: '40', batchLimit: '10' })
    const texts = await Promise.all(
      Array.from({ length: 10 }, async () =>
        (await post(url, `${whole}\n`.repeat(100), 'application/x-ndjson')).text(),
      ),
    )
    for (const text of texts)
      expect(said(linesOf(text))).toEqual(Array.from({ length: 100 }, (_, at) => [at, 'allow']))
  })

  test('that can not be written as it should breaks off, and is said to the operator', async () => {
    const { decider } = gated(true)
    const { url, logged } = await start({ ...decider, decide: () => Promise.resolve([]) })
    const answer = await post(url, `${whole}\n`, 'application/x-ndjson')
    await expect(answer.text()).rejects.toThrow()
    expect(logged.join()).toContain('internal error')
  })
})

describe('an array', () => {
  test.each([
    ['small, with its length', 3],
    ['large', 3_000],
  ])('is answered whole: %s', async (_, count) => {
    const { url } = await start(inline(pack.ruleSet))
    const members = Array.from({ length: count }, (_, at) => (at % 3 === 1 ? '{}' : whole))
    const answer = await post(url, `[${members.join(',')}]`)
    expect(answer.headers.has('content-length')).toBe(count === 3)
    expect(said(await answer.text())).toEqual(
      members.map((member, at) => [at, member === whole ? 'allow' : 400]),
    )
  })

  test.each([
    ['a broken one', `[${whole},{},${whole},{"a":}]`, /member 3: .*expected JSON/],
    ['what looks like two', `[${whole},${whole},{"a":[{},{}],}]`, /member 2: .*expected JSON/],
    ['a comma too many', `[${whole},${whole},]`, /member 2: .*expected JSON/],
    ['bytes that are no UTF-8', `[${whole},${whole},"\u00FF"]`, /member 2: .*UTF-8/],
  ])('with %s among its members is refused, and which it was is said', async (_, body, wanted) => {
    const { url } = await start(inline(pack.ruleSet))
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(body, 'latin1'),
    })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toMatch(wanted)
  })

  test('that looks like more members than it has is decided by those that it has', async () => {
    const { url } = await start(inline(pack.ruleSet))
    const odd = '{"user":{"roles":[{},{}]}}'
    const answer = await post(url, `[${whole},${odd},${whole}]`)
    expect(said(await answer.text())).toEqual([
      [0, 'allow'],
      [1, 400],
      [2, 'allow'],
    ])
  })

  test('is turned away when there is no room for what comes of it, and let in later', async () => {
    const { decider, asked, open: openGate } = gated()
    const body = `[${whole}]`
    const { port, url } = await start(decider, {
      batchBodyLimit: String(body.length),
      batchBytesLimit: String(2 * body.length - 1),
    })
    const first = post(url, body)
    await until(() => asked.calls === 1)
    for (const length of [body.length, undefined]) {
      const socket = await open(port)
      socket.write(head('application/json', length) + (length ? '[' : frame('['))) // and no more
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 1/i)
      expect(answer.toString()).toMatch(/connection: close/i)
      expect(answer.toString()).toContain('bytes of batches at once')
    }
    openGate()
    expect((await first).status).toBe(200)
    expect((await post(url, body)).status).toBe(200)
    expect(asked.calls).toBe(2)
  })

  test('takes room for what has come of it, not for what it may have', async () => {
    const { port, url, sockets } = await start(inline(pack.ruleSet), {
      batchBodyLimit: '200000',
      batchBytesLimit: '200000',
    })
    for (const length of [200_000, undefined, 200_000]) {
      const socket = await open(port)
      socket.write(head('application/json', length))
    }
    await until(() => sockets.size === 3)
    const slow = await open(port)
    slow.write(`${head('application/json', 200_000)}[`)
    await until(() => slow.bytesWritten > 0 && sockets.size === 4)
    expect((await post(url, `[${whole}]`)).status).toBe(200)
    const large = `[${' '.repeat(150_000)}]`
    await until(() => slow.writableLength === 0)
    expect((await post(url, large)).status).toBe(503)
    slow.destroy()
    await until(() => sockets.size < 5 && slow.destroyed)
    await settled(() => sockets.size)
    expect((await post(url, large)).status).toBe(200)
  })

  test.each([
    ['1', 200],
    ['2', 503],
  ])("has the part of the room that is its listener's, of %s", async (listeners, status) => {
    const { decider, asked, open: openGate } = gated()
    const body = `[${whole}]`
    const { url } = await start(decider, {
      listeners,
      batchBodyLimit: String(body.length),
      batchBytesLimit: String(2 * body.length),
    })
    const first = post(url, body)
    await until(() => asked.calls === 1)
    const second = post(url, body)
    if (status === 200) await until(() => asked.calls === 2)
    else expect((await second).status).toBe(503)
    openGate()
    expect([(await first).status, (await second).status]).toEqual([200, status])
  })

  test('whose caller goes away while it is sent or decided leaves its room to others', async () => {
    const { decider, asked, open: openGate } = gated()
    const body = `[${whole}]`
    const most = String(body.length)
    // Who goes away while it is decided is missed once nothing has moved for so long.
    const limits = { batchBodyLimit: most, batchBytesLimit: most, idleTimeout: '2000' }
    const { port, url, sockets, logged } = await start(decider, limits)
    for (const text of [body.slice(0, -1), body]) {
      const socket = await open(port)
      socket.write(head('application/json', body.length) + text)
      await until(() => (text === body ? asked.calls === 1 : sockets.size === 1))
      socket.destroy()
      await until(() => sockets.size === 0)
    }
    openGate()
    await until(() => asked.calls === 1)
    expect((await post(url, body)).status).toBe(200)
    expect(logged).toEqual([])
  })
})

/** The body of an answer that came in chunks. */
function bodyOf(answer: string): string {
  let rest = answer.slice(answer.indexOf('\r\n\r\n') + 4)
  if (!/transfer-encoding: chunked/i.test(answer)) return rest
  let body = ''
  for (;;) {
    const size = Number.parseInt(rest, 16)
    if (!(size > 0)) return body
    const start = rest.indexOf('\r\n') + 2
    body += rest.slice(start, start + size)
    rest = rest.slice(start + size + 2)
  }
}

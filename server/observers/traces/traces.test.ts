import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { shippedPacks } from '../../../property-tests/packs.ts'
import { settingsOf } from '../../../property-tests/settings.ts'
import { serve, type Running } from '../../serve.ts'
import type { Told } from '../../telling.ts'
import { newCounts, sumOf } from './counts.ts'
import { traces } from './observer.ts'
import { isSampled, parentOf } from '../trace-context.ts'

const [{ pack }] = shippedPacks as [(typeof shippedPacks)[0]]
const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
const [sampled, unsampled] = ['01', '00'].map((flags) => `00-${traceId}-${spanId}-${flags}`)

describe('the context of a caller', () => {
  test.each([
    [sampled, true],
    [`00-${traceId}-${spanId}-ff`, true],
    [`cc-${traceId}-${spanId}-01-what.comes`, true],
    [unsampled, false],
    [`00-${traceId}-${spanId}-02`, false],
  ])('%s says whether it is sampled, whatever the ratio: %s', (header, is) => {
    for (const ratio of [0, 1]) expect(isSampled(header, ratio)).toBe(is)
    expect(parentOf(header)).toEqual({ traceId, spanId })
  })

  test.each([
    ['nothing', undefined],
    ['no text', ''],
    ['upper case', sampled!.toUpperCase()],
    ['no trace', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['no span', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['version ff', `ff-${traceId}-${spanId}-01`],
    ['more than version 00 has', `${sampled}-x`],
    ['a tail without a hyphen', `cc-${traceId}-${spanId}-01x`],
    ['two headers in one', `${sampled}, ${sampled}`],
  ])('%s leaves it to the ratio', (_, header) => {
    expect(parentOf(header)).toBe(undefined)
    expect(isSampled(header, 0.5, () => 0.4)).toBe(true)
    expect(isSampled(header, 0.5, () => 0.6)).toBe(false)
    expect(isSampled(header, 0)).toBe(false)
    expect(isSampled(header, 1)).toBe(true)
  })
})

type Attribute = {
  readonly key: string
  readonly value: {
    readonly stringValue?: string
    readonly arrayValue?: { readonly values: readonly { readonly stringValue: string }[] }
  }
}
type Span = {
  readonly traceId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
}
type Exported = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
  }[]
}

const servers: Server[] = []
const running: Running[] = []
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(running.splice(0).map((each) => each.stop()))
})

/** A collector that answers each message by the status that is asked for, or not at all. */
async function collector(status: () => number | undefined = () => 200) {
  const messages: { readonly url: string; readonly text: string }[] = []
  const server = createServer((request, response) => void take(request, response))
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const part of request) text += String(part)
    messages.push({ url: request.url!, text })
    const said = status()
    if (said !== undefined)
      response.writeHead(said, { 'content-type': 'application/json' }).end('{}')
  }
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const spans = () =>
    messages.flatMap(({ text }) =>
      (JSON.parse(text) as Exported).resourceSpans.flatMap((resource) =>
        resource.scopeSpans.flatMap((scope) => scope.spans),
      ),
    )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, messages, spans }
}

async function start(flags: Readonly<Record<string, string>>): Promise<Running> {
  const settings = settingsOf(flags)
  const service = await serve(pack, settings, () => undefined)
  running.push(service)
  return service
}

const secret = 'somebody-who-must-not-be-told'
const body = JSON.stringify({
  ...pack.cases.find((each) => each.expect.outcome === 'block')!.signIn,
  envelope: { userId: secret, correlationId: secret },
})
const ask = async ({ url }: Running, traceparent?: string, path = '', sent = body) =>
  (await (
    await fetch(`${url}/v1/decisions${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(traceparent && { traceparent }) },
      body: sent,
    })
  ).json()) as { decisionId: string; reasons: { rule: string }[]; ruleSet: { revision: string } }

describe('a service that traces', { timeout: 60_000 }, () => {
  test('sends a span of each decision that its caller samples, with what was decided and of nobody', async () => {
    const { url, messages, spans } = await collector()
    const service = await start({ otlpEndpoint: url, traceRatio: '0' })
    const told = await ask(service, sampled)
    for (const header of [undefined, unsampled, 'nonsense']) await ask(service, header)
    await service.stop()
    expect(messages.map((each) => each.url)).toEqual(['/v1/traces'])
    const [span, ...others] = spans()
    expect(others).toEqual([])
    expect(span).toMatchObject({ traceId, parentSpanId: spanId })
    expect(BigInt(span!.endTimeUnixNano)).toBeGreaterThan(BigInt(span!.startTimeUnixNano))
    const attributes = Object.fromEntries(
      span!.attributes.map(({ key, value }) => [
        key,
        value.stringValue ?? value.arrayValue?.values.map((each) => each.stringValue),
      ]),
    )
    expect(attributes).toMatchObject({
      'portcullis.decision.id': told.decisionId,
      'portcullis.decision.outcome': 'block',
      'portcullis.rule_set.revision': told.ruleSet.revision,
      'portcullis.rules': told.reasons.map(({ rule }) => rule),
    })
    expect(messages[0]!.text).not.toContain(secret)
    expect(messages[0]!.text).toContain('"portcullis"')
  })

  test('samples by ratio those whose callers say nothing, members of batches too', async () => {
    const { url, spans } = await collector()
    const service = await start({ otlpEndpoint: `${url}/v1/traces`, traceRatio: '1' })
    await ask(service)
    await ask(service, undefined, '/batch', `[${body},${body}]`)
    await ask(service, unsampled)
    await service.stop()
    expect(new Set(spans().map((span) => span.traceId)).size).toBe(3)
  })

  test('nothing is sent unless it is told where to, whatever OTEL_ variables say', async () => {
    const { url, messages } = await collector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url)
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'otlp')
    const service = await start({ traceRatio: '1' })
    await ask(service, sampled)
    await service.stop()
    expect(messages).toEqual([])
  })

  test('a collector that refuses or never answers is counted, and no caller feels it', async () => {
    for (const status of [400, undefined]) {
      const { url } = await collector(() => status)
      const service = await start({ otlpEndpoint: url, traceRatio: '1' })
      for (let time = 0; time < 5; time++) expect(await ask(service)).toMatchObject({ reasons: {} })
      const failed = async () =>
        /^portcullis_trace_spans_total\{result="failed"\} (\d+)$/m.exec(
          await (await fetch(`${service.url}/metrics`)).text(),
        )?.[1]
      await vi.waitFor(async () => expect(await failed()).toBe('5'), { timeout: 20_000 })
      await service.stop()
    }
  })
})

const toldOf = (at: number): Told => ({
  body: Buffer.from('{}'),
  now: 0,
  durationMs: 1,
  trace: undefined,
  outcome: 'allow',
  text: JSON.stringify({
    decisionId: String(at),
    reasons: [],
    advice: [],
    assumed: [],
    ruleSet: { id: 'x', revision: 'y' },
  }),
})

test('what is more than waits is dropped and counted, and a stop waits half a second at most', async () => {
  const counts = newCounts(2)
  const lines: string[] = []
  let refuse: (error: Error) => void = () => undefined
  const observer = traces(
    { url: 'http://127.0.0.1:1', ratio: 1, counts, version: '0' },
    1,
    (line) => void lines.push(line),
    () => new Promise((_, reject) => (refuse = reject)),
  )
  for (let at = 0; at < 5_000; at++) observer.note(toldOf(at))
  expect(sumOf(counts, 'dropped')).toBe(5_000 - 2_048)
  const since = performance.now()
  await observer.close!()
  expect(performance.now() - since).toBeLessThan(5_000)
  expect(sumOf(counts, 'dropped')).toBe(5_000 - 512)
  refuse(new Error('gone'))
  await vi.waitFor(() => expect(sumOf(counts, 'failed')).toBe(512))
  expect(sumOf(counts, 'sent')).toBe(0)
  expect(lines).toEqual(['traces could not be sent: gone'])
})

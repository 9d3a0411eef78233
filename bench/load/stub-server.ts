import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { stubAnswer, type Behaviour, type StubRecord } from './stub.ts'

/** What the stub is told: its behaviour with which it starts, then each time that its record is wanted. */
export type ToStub = { readonly behaviour: Behaviour } | { readonly record: true }
export type FromStub = { readonly url: string } | { readonly record: StubRecord }

/** The nth request counted from 1 is one of those that come once in so many; the first is half way, to meet one soon. */
const isOne = (n: number, every: number | undefined): boolean =>
  every !== undefined && n % every === Math.min(50, every >> 1)

process.on('message', (message: ToStub) => {
  if ('behaviour' in message) behave(message.behaviour)
  else tell({ record: record() })
})
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => undefined)

function tell(message: FromStub): void {
  process.send?.(message)
}

let tookMs: number[] = []
let [count, never, wrong, hungUp] = [0, 0, 0, 0]
let firstMs: number | undefined
let stalls: { readonly fromMs: number; readonly toMs: number }[] = []
let held: (() => void)[] = []
let stalling = false

/** What it did since it was last asked. */
function record(): StubRecord {
  const all = { tookMs, never, wrong, hungUp, stalls }
  tookMs = []
  stalls = []
  count = never = wrong = hungUp = 0
  firstMs = undefined
  return all
}

function behave({ delayMs, slow, neverEvery, wrongEvery, hangUpEvery, stall }: Behaviour): void {
  const server = createServer((request, response) => {
    const arrivedMs = performance.now()
    request.resume()
    if (request.method !== 'POST') {
      response.writeHead(404).end()
      return
    }
    firstMs ??= arrivedMs
    const n = ++count
    if (isOne(n, neverEvery)) {
      never++
      return
    }
    if (isOne(n, hangUpEvery)) {
      hungUp++
      request.socket.destroy()
      return
    }
    const isWrong = isOne(n, wrongEvery)
    if (isWrong) wrong++
    const answer = () => {
      if (stalling) {
        held.push(answer)
        return
      }
      response.setHeader('content-type', 'application/json')
      response.end(stubAnswer(isWrong ? 'block' : 'allow'))
      tookMs.push(performance.now() - arrivedMs)
    }
    setTimeout(answer, isOne(n, slow?.every) ? slow!.delayMs : delayMs)
  })
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  if (stall) setInterval(() => stallFor(stall.forMs), stall.everyMs)
  server.listen(0, '127.0.0.1', () => {
    tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  })
}

/** It still takes requests, so that it knows when each came; no answer leaves until it is over. */
function stallFor(forMs: number): void {
  stalling = true
  const fromMs = performance.now()
  setTimeout(() => {
    stalling = false
    const toMs = performance.now()
    if (firstMs !== undefined) stalls.push({ fromMs: fromMs - firstMs, toMs: toMs - firstMs })
    const answers = held
    held = []
    for (const answer of answers) answer()
  }, forMs)
}

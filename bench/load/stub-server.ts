import { createServer, type AddressInfo, type Socket } from 'node:net'
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

let answered: { readonly atMs: number; readonly tookMs: number }[] = []
let never: number[] = []
let [count, wrong, hungUp] = [0, 0, 0]
let stalls: { readonly fromMs: number; readonly toMs: number }[] = []
let held: (() => void)[] = []
let stalling = false

const timeOfDay = () => performance.timeOrigin + performance.now()

/** What it did since it was last asked. */
function record(): StubRecord {
  const all = { answered, never, wrong, hungUp, stalls }
  answered = []
  never = []
  stalls = []
  count = wrong = hungUp = 0
  return all
}

function behave({ stall, ...behaviour }: Behaviour): void {
  const server = createServer({ noDelay: true }, (socket) => {
    let text = ''
    socket.on('error', () => undefined) // callers that gave up
    socket.on('data', (part) => {
      const atMs = timeOfDay()
      text += part.toString('latin1')
      const length = lengthOf(text)
      if (length === undefined || text.length < length) return
      const isPost = text.startsWith('POST ')
      text = ''
      if (isPost) serve(socket, atMs, behaviour)
      else socket.write(notFound)
    })
  })
  if (stall) setInterval(() => stallFor(stall.forMs), stall.everyMs)
  server.listen(0, '127.0.0.1', () => {
    tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  })
}

const notFound = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'

/** Of a whole request, headers and body; undefined while its headers are not all there. */
function lengthOf(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  return end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0)
}

/** Straight on the socket: what an HTTP server does before it tells of a request would be missing from the record. */
function serve(socket: Socket, atMs: number, behaviour: Omit<Behaviour, 'name' | 'stall'>): void {
  const { delayMs, slow, neverEvery, wrongEvery, hangUpEvery } = behaviour
  const n = ++count
  if (isOne(n, neverEvery)) {
    never.push(atMs)
    return
  }
  if (isOne(n, hangUpEvery)) {
    hungUp++
    socket.destroy()
    return
  }
  const isWrong = isOne(n, wrongEvery)
  if (isWrong) wrong++
  const answer = () => {
    if (stalling) {
      held.push(answer)
      return
    }
    const body = stubAnswer(isWrong ? 'block' : 'allow')
    socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    answered.push({ atMs, tookMs: timeOfDay() - atMs })
  }
  setTimeout(answer, isOne(n, slow?.every) ? slow!.delayMs : delayMs)
}

/** It still takes requests, so that it knows when each came; no answer leaves until it is over. */
function stallFor(forMs: number): void {
  stalling = true
  const fromMs = timeOfDay()
  setTimeout(() => {
    stalling = false
    stalls.push({ fromMs, toMs: timeOfDay() })
    const answers = held
    held = []
    for (const answer of answers) answer()
  }, forMs)
}

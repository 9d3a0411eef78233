import { openConnection, type Address, type Connection } from './connection.ts'
import { fifo } from './fifo.ts'
import type { HttpAnswer } from './response.ts'
import type { Asked, Tally } from './tally.ts'

export type CallersOptions = {
  readonly address: Address
  /** The bytes of each question. */
  readonly requests: readonly Buffer[]
  readonly timeoutMs: number
  readonly mostConnections: number
  readonly tally: Tally
  /** Milliseconds from the start of what is measured. */
  readonly clock: () => number
  /** `atOnce`: a connection was free when it was due. */
  readonly onSent: (asked: Asked, sentMs: number, atOnce: boolean) => void
  /** A socket brought something. */
  readonly onWork: () => void
}

/** Sends requests over kept-alive connections, one at a time on each, and tells the tally what becomes of them. */
export type Callers = {
  /** Sends now where a connection is free, else as soon as one is. */
  readonly ask: (asked: Asked) => void
  /** Ends what has been waiting or under way for as long as the timeout; to be called every few milliseconds. */
  readonly giveUp: () => void
  /** How many requests wait for a connection, and how many for their answers. */
  readonly waiting: () => number
  readonly underWay: () => number
  /** Those that wait are never sent, nor counted. */
  readonly forgetWaiting: () => void
  readonly close: () => void
}

/** A connection, and the request that is under way on it. */
type Caller = { readonly connection: Connection; flight?: Flight | undefined }
type Flight = {
  readonly asked: Asked
  readonly sentMs: number
  readonly caller: Caller
  over: boolean
}

/** Requests that may wait for a connection; beyond it they are dropped, and when they have waited for the timeout. */
const mostWaiting = 10_000

/**
 * The connection that was used last is taken first. Where none is free another is opened, up to the most; beyond it requests
 * wait, with their time running.
 */
export function callersOf(options: CallersOptions): Callers {
  const { address, requests, timeoutMs, mostConnections, tally, clock, onSent, onWork } = options
  const timeoutUs = timeoutMs * 1_000
  const all = new Set<Caller>()
  const idle: Caller[] = []
  const waiting = fifo<Asked>()
  const flights = fifo<Flight>() // in the order of their timeouts
  let [connecting, underWay] = [0, 0]

  return {
    ask(asked) {
      const free = idle.pop()
      if (free) send(free, asked, true)
      else if (waiting.size() >= mostWaiting) tally.dropped(asked, timeoutUs)
      else {
        waiting.push(asked)
        open()
      }
    },
    giveUp() {
      const now = clock()
      for (let first = flights.peek(); first; first = flights.peek()) {
        if (!first.over) {
          if (now - first.sentMs < timeoutMs) break
          timedOut(first)
        }
        flights.shift()
      }
      for (let first = waiting.peek(); first; first = waiting.peek()) {
        if (now - first.dueMs < timeoutMs) break
        waiting.shift()
        tally.dropped(first, timeoutUs)
      }
    },
    waiting: () => waiting.size(),
    underWay: () => underWay,
    forgetWaiting: () => waiting.clear(),
    close() {
      for (const { connection } of all) connection.destroy()
    },
  }

  function send(caller: Caller, asked: Asked, atOnce: boolean): void {
    const flight = { asked, sentMs: clock(), caller, over: false }
    caller.flight = flight
    flights.push(flight)
    underWay++
    caller.connection.send(requests[asked.question]!)
    tally.sent(asked)
    onSent(asked, flight.sentMs, atOnce)
  }

  /** One more connection, unless as many are already being opened as requests wait. */
  function open(): void {
    if (connecting >= waiting.size() || all.size >= mostConnections) return
    connecting++
    let opened = false
    const caller: Caller = {
      connection: openConnection(address, {
        onOpen() {
          onWork()
          opened = true
          connecting--
          release(caller)
        },
        onAnswer: (answer) => answered(caller, answer),
        onLost(why) {
          onWork()
          all.delete(caller)
          if (!opened) {
            connecting--
            const asked = waiting.shift() // it would have had this connection
            if (asked) tally.failed(asked, why, clock())
          } else if (caller.flight) {
            tally.failed(caller.flight.asked, why, clock())
            settle(caller.flight)
          } else idle.splice(idle.indexOf(caller), 1)
          open()
        },
      }),
    }
    all.add(caller)
  }

  function release(caller: Caller): void {
    const asked = waiting.shift()
    if (asked) send(caller, asked, false)
    else idle.push(caller)
  }

  function answered(caller: Caller, { status, body, keepAlive }: HttpAnswer): void {
    onWork()
    const now = clock()
    const { flight } = caller
    if (!flight) return
    const tookMs = now - flight.sentMs
    if (tookMs > timeoutMs) return timedOut(flight)
    settle(flight)
    if (keepAlive) release(caller) // before the answer is compared: somebody may be waiting
    else discard(caller)
    const [waitedUs, tookUs] = [(now - flight.asked.dueMs) * 1_000, tookMs * 1_000]
    tally.answered(flight.asked, { waitedUs, tookUs, status, body })
  }

  function timedOut(flight: Flight): void {
    onWork()
    settle(flight)
    discard(flight.caller)
    const waitedUs = (flight.sentMs - flight.asked.dueMs) * 1_000 + timeoutUs
    tally.timedOut(flight.asked, { waitedUs, tookUs: timeoutUs })
  }

  function settle(flight: Flight): void {
    flight.over = true
    flight.caller.flight = undefined
    underWay--
  }

  function discard(caller: Caller): void {
    all.delete(caller)
    caller.connection.destroy()
    open()
  }
}

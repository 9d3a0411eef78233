import { burst } from '../engine/index.ts'
import type { Asking } from './asking.ts'

export type AdmissionOptions<Request> = {
  /** Milliseconds that a request may wait while there is a standing queue; 0 for any. */
  readonly limitMs: number
  readonly work: (request: Request) => void
  readonly turnAway: (request: Request, kind: Asking) => void
  /** Milliseconds. */
  readonly clock?: () => number
  /**
   * Calls back, each call by itself, after the sockets of a turn of the event loop were read: of this turn while they are
   * being read, else of the next. What a call leaves to be done at once is done before the next call.
   */
  readonly soon?: (call: () => void) => void
}

export type Admission<Request> = {
  /** Works on a request at once, or later, or turns it away. */
  readonly ask: (request: Request, kind: Asking) => void
  /** To be told of each new connection. */
  readonly connected: () => void
}

type Waiting<Request> = {
  readonly request: Request
  readonly kind: Asking
  readonly sinceMs: number
}

/** Work of one turn of the event loop, and of one in which a connection came. */
const [sliceMs, hurriedMs] = [4, 0.5]
/** More never wait, however young they are: each costs a call in every turn. */
const mostWaiting = 5_000
/** A batch is the work of many singles, so batches give way first. */
const share: Readonly<Record<Asking, number>> = { single: 1, batch: 1 / 2 }

/**
 * Bounds how long requests wait for the thread. All sockets that are ready are read in one turn of the event loop, and one new
 * connection is accepted in a turn, so when turns take long, requests and connections wait where nobody sees them. Here a turn
 * does work for a few milliseconds only, and less while connections come in; what is left is queued, as requests whose bodies
 * nobody has read. How long they may wait is said as by CoDel: a burst is worked off in its order, a standing queue is kept
 * short. Once its oldest have waited for half of the limit, the newest are done first, since their callers still wait, and those that have waited too long are turned away in
 * half of the time at most, so that no overload can leave nothing done.
 */
export function admission<Request>({
  limitMs,
  work,
  turnAway,
  clock = () => performance.now(),
  soon = setImmediate,
}: AdmissionOptions<Request>): Admission<Request> {
  let queue: Waiting<Request>[] = []
  let first = 0 // what is before it in the queue is done
  let emptyMs = clock() // when a turn last began with an empty queue
  let inTurn = false
  let [halfMs, untilMs] = [0, 0] // when this turn has worked half of its time, and all of it
  let room = sliceMs

  const endTurn = () => {
    inTurn = false
  }

  function beginTurn(now: number): void {
    inTurn = true
    halfMs = now + room / 2
    untilMs = now + room
    room = sliceMs
    soon(endTurn)
  }

  function enqueue(waiting: Waiting<Request>): void {
    queue.push(waiting)
    soon(step)
  }

  /** Does one of the queue, or leaves it to the next turn. */
  function step(): void {
    const now = clock()
    if (!inTurn) beginTurn(now)
    if (now >= untilMs) return soon(step)
    const isBurst = now - emptyMs <= burst.withinMs
    const [oldest, newest] = [queue[first]!, queue.at(-1)!]
    const isLate = ({ kind, sinceMs }: Waiting<Request>) =>
      now - sinceMs > limitMs * share[kind] * (isBurst ? burst.factor : 1)
    const away = isLate(oldest) && (now >= halfMs || isLate(newest))
    const isInOrder = isBurst || now - oldest.sinceMs <= limitMs / 2
    if (away || isInOrder) first++
    else queue.pop()
    const { request, kind } = away || isInOrder ? oldest : newest
    if (first === queue.length) {
      queue = []
      first = 0
    } else if (first === 1_000) {
      queue = queue.slice(first)
      first = 0
    }
    if (away) turnAway(request, kind)
    else work(request)
  }

  return {
    ask(request, kind) {
      if (limitMs === 0) return work(request)
      const now = clock()
      const waiting = queue.length - first
      if (waiting >= mostWaiting) return turnAway(request, kind)
      if (waiting > 0) return enqueue({ request, kind, sinceMs: now })
      if (!inTurn) {
        emptyMs = now
        beginTurn(now)
      }
      if (now < untilMs) return work(request)
      enqueue({ request, kind, sinceMs: now })
    },
    connected() {
      room = hurriedMs
      untilMs = Math.min(untilMs, clock() + hurriedMs)
    },
  }
}

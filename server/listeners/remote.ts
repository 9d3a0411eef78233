import {
  onThread,
  places,
  Unavailable,
  type Answer,
  type Commit,
  type Decider,
  type Where,
} from '../../engine/index.ts'
import type { DeciderState, RuleSet } from '../../engine/index.ts'
import type { Questions, Reply } from './messages.ts'

export type RemoteOptions = {
  readonly where: Where
  /** Sign-ins of this thread that may be without an answer, batches at most three quarters of them. */
  readonly mostWaiting: number
  /** Milliseconds that the pool gives a question to wait, and each of its messages to be decided. */
  readonly deadlineMs: number
  /** Sends questions to the main thread, which may have their bytes. */
  readonly ask: (questions: Questions) => void
  /** How the main thread's decider is. */
  readonly state: () => DeciderState
}

type Asked = {
  readonly bodies: readonly Uint8Array[]
  readonly now: number
  /** When it is given up. */
  readonly until: number
  readonly resolve: (answers: readonly Answer[]) => void
  readonly reject: (error: Error) => void
}

const sweptEveryMs = 500
/** After so many deadlines a question is given up: one more than the pool itself lets it go without an answer. */
const mostDeadlines = 6

/** Decides single sign-ins on the calling thread, and asks the decider of the main thread all else. `swap` and `prepare` are of this thread alone. */
export type Remote = Decider & { readonly deliver: (replies: readonly Reply[]) => void }

export function remote(first: RuleSet, options: RemoteOptions): Remote {
  const { where, mostWaiting, deadlineMs, ask, state } = options
  let ruleSet = first
  const nobodyElse = () => state().threads === 0
  let atOnce = onThread(first, where, nobodyElse)
  let closed = false
  let nextId = 0
  const waiting = places(mostWaiting)
  const asked = new Map<number, Asked>()
  /** Questions that go with the next message. */
  let unsent: number[] = []

  const leave = (id: number, { bodies, reject }: Asked, error: Error) => {
    asked.delete(id)
    waiting.give(bodies.length)
    reject(error)
  }
  const sweeping = setInterval(() => {
    const now = performance.now()
    for (const [id, each] of asked)
      if (now > each.until) leave(id, each, new Unavailable('the main thread did not answer'))
  }, sweptEveryMs)
  sweeping.unref()

  async function prepare(next: RuleSet): Promise<Commit> {
    const ready = onThread(next, where, nobodyElse)
    return async () => {
      atOnce = ready
      ruleSet = next
    }
  }

  return {
    get ruleSet() {
      return ruleSet
    },
    atOnce: (bytes, now) => (closed ? undefined : atOnce(bytes, now)),
    decide(bodies, now) {
      if (closed) return Promise.reject(new Unavailable('the service is stopping'))
      if (bodies.length === 0) return Promise.resolve([])
      const refused = waiting.take(bodies.length)
      if (refused) return Promise.reject(refused)
      return new Promise((resolve, reject) => {
        const until = performance.now() + mostDeadlines * deadlineMs
        asked.set(nextId, { bodies, now, until, resolve, reject })
        if (unsent.push(nextId++) === 1) setImmediate(send)
      })
    },
    deliver(replies) {
      for (const reply of replies) {
        const each = asked.get(reply.id)
        if (each === undefined) continue // given up
        if ('unavailable' in reply) leave(reply.id, each, new Unavailable(reply.unavailable))
        else if ('bug' in reply) leave(reply.id, each, new Error(reply.bug))
        else if (reply.answers.length !== each.bodies.length)
          leave(reply.id, each, new TypeError('the main thread left sign-ins without an answer'))
        else {
          asked.delete(reply.id)
          waiting.give(each.bodies.length)
          each.resolve(reply.answers)
        }
      }
    },
    isBehind: () => false, // the main thread's pool says so of each question
    swap: async (next) => (await prepare(next))(),
    prepare,
    state,
    close() {
      closed = true
      clearInterval(sweeping)
      for (const [id, each] of asked) leave(id, each, new Unavailable('the service is stopping'))
      return Promise.resolve()
    },
  }

  /** Once a turn of the event loop; one message and one piece of memory, however many questions. */
  function send(): void {
    const ids = unsent.filter((id) => asked.has(id))
    unsent = []
    if (ids.length === 0) return
    const questions = ids.map((id) => asked.get(id)!)
    const bodies = questions.flatMap((each) => each.bodies)
    const lengths = bodies.map(({ length }) => length)
    const bytes = new Uint8Array(lengths.reduce((total, length) => total + length, 0))
    let at = 0
    for (const body of bodies) {
      bytes.set(body, at)
      at += body.length
    }
    ask({
      ids,
      nows: questions.map(({ now }) => now),
      counts: questions.map((each) => each.bodies.length),
      lengths,
      bytes,
    })
  }
}

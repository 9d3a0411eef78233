import type { RuleSet } from '../rule-set.ts'
import { joined, type Reply, type Slot } from './message.ts'
import { startThread, type OneThread } from './one-thread.ts'
import { failuresAfter, restMs } from './rest.ts'

/** A place in the pool: one thread after the other, should they die. */
export type Thread = {
  readonly state: () => 'starting' | 'free' | 'busy' | 'resting'
  /** Settles with the first start. */
  readonly started: Promise<void>
  /** Only of a thread that is free. Rejects when the thread is lost, with `Hung` if it took too long. */
  readonly ask: (
    ruleSet: RuleSet,
    bodies: readonly Uint8Array[],
    nows: readonly number[],
  ) => Promise<Reply>
  /** Loads a rule set ahead, as soon as the thread is free. One that is lost is sent it when it is needed. */
  readonly prepare: (ruleSet: RuleSet) => Promise<void>
  readonly close: () => Promise<void>
}

export type ThreadOptions = {
  readonly module: URL
  /** What a thread loads when it starts. */
  readonly current: () => RuleSet
  /** Milliseconds for a message; and for starting, or for loading a rule set, on top. */
  readonly deadlineMs: number
  readonly loadDeadlineMs: number
  readonly onFree: () => void
  readonly onLoss: (why: Error) => void
}

export function thread(options: ThreadOptions): Thread {
  const { module, current, deadlineMs, loadDeadlineMs, onFree, onLoss } = options
  let state: ReturnType<Thread['state']> = 'resting'
  let one: OneThread | undefined
  let underWay: Promise<unknown> = Promise.resolve()
  /** What the thread has loaded, and which of it was asked last. */
  let loaded: (string | undefined)[] = []
  let last: Slot = 1
  let failures = 0
  let readyAt: number | undefined
  let resting: NodeJS.Timeout | undefined
  let closed = false
  const started = start()

  async function start(): Promise<void> {
    one = startThread(module, lost)
    loaded = []
    readyAt = undefined
    await ask(current(), [], [], 'starting')
    readyAt = performance.now()
  }

  function lost(why: Error): void {
    if (closed) return
    const livedMs = readyAt === undefined ? undefined : performance.now() - readyAt
    failures = failuresAfter(failures, livedMs)
    state = 'resting'
    const ms = restMs(failures)
    const again = () => void start().catch(() => undefined) // a start that fails is a thread that is lost
    if (ms === 0) again()
    else resting = setTimeout(again, ms)
    onLoss(why)
  }

  function ask(
    ruleSet: RuleSet,
    bodies: readonly Uint8Array[],
    nows: readonly number[],
    as: 'busy' | 'starting' = 'busy',
  ): Promise<Reply> {
    const { revision } = ruleSet
    const known = loaded.indexOf(revision)
    const slot = known >= 0 ? (known as Slot) : spare()
    const message = { slot, revision, ...joined(bodies), nows }
    state = as
    last = slot
    loaded[slot] = revision
    const reply = one!
      .run(
        known >= 0 ? message : { ...message, ruleSet },
        known >= 0 ? deadlineMs : deadlineMs + loadDeadlineMs,
      )
      .then((answered) => {
        state = 'free'
        onFree()
        return answered
      })
    underWay = reply
    return reply
  }

  /** Not where what decides now is: it is asked next. */
  function spare(): Slot {
    const now = loaded.indexOf(current().revision)
    return (now >= 0 ? now : last) === 0 ? 1 : 0
  }

  async function prepare(ruleSet: RuleSet): Promise<void> {
    if (state === 'busy') {
      await underWay.catch(() => undefined)
      return prepare(ruleSet)
    }
    if (state === 'free' && !loaded.includes(ruleSet.revision))
      await ask(ruleSet, [], []).catch(() => undefined)
  }

  return {
    state: () => state,
    started,
    ask,
    prepare,
    async close() {
      closed = true
      clearTimeout(resting)
      await one?.end(new Error('the pool has been closed'))
    },
  }
}

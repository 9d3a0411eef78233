import { Unavailable, type Commit } from '../decider.ts'
import type { RuleSet } from '../rule-set.ts'
import { startThread, type OneThread } from './one-thread.ts'

type Trying = { readonly module: URL; readonly loadDeadlineMs: number }

/**
 * Swaps one after the other. Each rule set is first compiled in a thread of its own, which nobody waits for, unless that was done
 * elsewhere: one that can't be compiled, takes forever or kills its thread changes nothing.
 */
export function swapping(
  { module, loadDeadlineMs }: Trying,
  ready: (to: RuleSet) => Promise<Commit>,
) {
  let last: Promise<unknown> = Promise.resolve()
  let trying: OneThread | undefined
  let closed = false

  async function prepare(
    to: RuleSet,
    current: () => RuleSet,
    trying: (to: RuleSet) => Promise<void>,
  ): Promise<Commit> {
    if (to.revision === current().revision) return () => Promise.resolve()
    try {
      await trying(to)
      if (closed) throw stopping()
      return await ready(to)
    } catch (error) {
      throw new Unavailable(`expected a rule set that can be compiled, got ${to.revision}`, {
        cause: error,
      })
    }
  }

  async function tried(ruleSet: RuleSet): Promise<void> {
    if (closed) throw stopping()
    trying = startThread(module, () => undefined)
    try {
      const nothing = { bytes: new Uint8Array(0), lengths: [], nows: [] }
      await trying.run({ slot: 0, revision: ruleSet.revision, ruleSet, ...nothing }, loadDeadlineMs)
    } finally {
      await trying.end(new Error('it has been tried'))
    }
  }

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = last.then(act)
    last = done.catch(() => undefined)
    return done
  }

  return {
    /** Rejects with `Unavailable`; then nothing has changed. */
    swap: (to: RuleSet, current: () => RuleSet): Promise<void> =>
      inTurn(async () => (await prepare(to, current, tried))()),
    /** Its first half alone, without a trial of its own. */
    prepare: (to: RuleSet, current: () => RuleSet): Promise<Commit> =>
      inTurn(() => prepare(to, current, () => Promise.resolve())),
    async close(): Promise<void> {
      closed = true
      await trying?.end(stopping())
      await last
    },
  }
}

const stopping = () => new Unavailable('the service is stopping')

import type { Commit, Pack } from '../../engine/index.ts'
import { states, write, type Counters } from '../counters.ts'
import type { LastReload } from '../rule-sets/activation.ts'
import { startThread, type ListenerThread, type ThreadOptions } from './start-thread.ts'

export type GroupOptions = Omit<ThreadOptions, 'listener' | 'counters' | 'lastReload'> & {
  readonly live: () => Pack
  readonly lastReload: () => LastReload | undefined
  /** A row for each listener, of which the first is the main thread's. */
  readonly counters: Counters
}

/** The listeners beside that of the main thread. */
export type Group = {
  /**
   * Makes a pack ready on all of them, and rejects, with nothing changed, if it can't be. The second half resolves once none of
   * them answers by another pack; `live` must give the pack by then, for those that are started meanwhile.
   */
  readonly prepare: (pack: Pack) => Promise<Commit>
  readonly reloaded: (lastReload: LastReload) => void
  /** Every answer from now on is the last of its connection. */
  readonly retire: () => void
  /** Stops all of them, and resolves to the requests that were cut off. */
  readonly stop: (withinMs: number) => Promise<number>
}

const [firstPauseMs, longestPauseMs] = [100, 10_000]
/** A thread that does not stop in time is ended after so many milliseconds more. */
const stopGraceMs = 1_000

/**
 * Starts a listener thread for each row of the counters but the first, and starts those that are lost again: at once nearly, but later
 * and later if that does not help. Rejects, and leaves none behind, when one of them can't be started in the first place.
 */
export async function startGroup(options: GroupOptions): Promise<Group> {
  const { live, lastReload, counters, ...given } = options
  const threads = new Map<number, ListenerThread>()
  const pauses = new Set<NodeJS.Timeout>()
  let stopping = false
  let retired = false
  let restarts = 0
  const up = new Set<number>()
  const count = () =>
    write(counters.rows[0]!, { 'listeners up': up.size + 1, 'listener restarts': restarts })

  async function start(listener: number, failures: number): Promise<void> {
    const startedAt = performance.now()
    const thread = startThread(live(), {
      ...given,
      listener,
      lastReload: lastReload(),
      counters: counters.memory,
    })
    threads.set(listener, thread)
    const gone = (error: Error) => {
      const lasted = performance.now() - startedAt > longestPauseMs
      threads.delete(listener)
      up.delete(listener)
      count()
      // A row that nobody writes: what was counted stays, what was so is no more.
      for (const state of states) write(counters.rows[listener]!, { [state]: 0 })
      if (started && !stopping) startAgain(listener, lasted ? 0 : failures, error)
    }
    thread.ended.then(() => {
      if (!stopping) gone(new Error('it ended without having been told to'))
    }, gone)
    await thread.listening
    if (retired) thread.retire()
    up.add(listener)
    count()
  }

  function startAgain(listener: number, failures: number, error: Error): void {
    const pauseMs = Math.min(firstPauseMs * 2 ** failures, longestPauseMs)
    given.log(
      `listener ${listener} was lost (${error.message}); starting it again in ${pauseMs} ms`,
    )
    const pause = setTimeout(() => {
      pauses.delete(pause)
      restarts++
      count()
      start(listener, failures + 1).catch(() => undefined) // its end is looked after
    }, pauseMs)
    pauses.add(pause)
  }

  async function stop(withinMs: number): Promise<number> {
    stopping = true
    for (const pause of pauses) clearTimeout(pause)
    const ends = Array.from(threads.values(), async (thread) => {
      thread.stop(withinMs)
      const late = setTimeout(() => thread.lose('it did not stop'), withinMs + stopGraceMs)
      const cutOff = await thread.ended.catch(() => 0)
      clearTimeout(late)
      return cutOff
    })
    return (await Promise.all(ends)).reduce((total, cutOff) => total + cutOff, 0)
  }

  let started = false
  const starts = counters.rows.slice(1).map((_, index) => start(index + 1, 0))
  count()
  try {
    await Promise.all(starts)
    started = true
  } catch (error) {
    await stop(0)
    throw new Error(`a listener did not start: ${(error as Error).message}`, { cause: error })
  }
  return {
    async prepare(pack) {
      const on = (act: 'prepare' | 'commit') =>
        Promise.all(Array.from(threads.values(), (thread) => thread[act](pack)))
      await on('prepare')
      return async () => void (await on('commit'))
    },
    reloaded(lastReload) {
      for (const thread of threads.values()) thread.reloaded(lastReload)
    },
    retire() {
      retired = true
      for (const thread of threads.values()) thread.retire()
    },
    stop,
  }
}

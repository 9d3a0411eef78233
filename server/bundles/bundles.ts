import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log.ts'
import type { Part } from '../parts.ts'
import type { Activation, By, Candidate, Refused } from '../rule-sets/activation.ts'
import { told } from '../rule-sets/part.ts'
import { tellUnproved } from '../rule-sets/proving.ts'
import type { HeldState } from '../rule-sets/store/held-state.ts'
import { waitMs } from './back-off.ts'
import type { BundleState } from './bundle-state.ts'
import { first, type First, type FirstOptions } from './first.ts'
import { failed, type Failed } from './judge.ts'
import type { Keep } from './keep.ts'
import { progress } from './progress.ts'
import { pull } from './pull.ts'
import { taking } from './taking.ts'

export type BundlesOptions = FirstOptions & {
  /** Nothing, if the service has no state. */
  readonly keep: Keep | undefined
  /** Milliseconds between pulls. */
  readonly pollMs: number
  readonly log: Log
  readonly clock?: () => number
  readonly random?: () => number
  /** Resolves after some milliseconds, or when it is aborted. */
  readonly wait?: (ms: number, aborted: AbortSignal) => Promise<unknown>
}

export type Activate = (candidate: Candidate | Refused, by: By) => Promise<Activation>

/** Where what decides comes from bundles: the first when the service starts, then each that is newer. */
export type Bundles = {
  readonly part: Part
  /** How a rule set comes to decide. To be said before the part is started. */
  readonly connect: (activate: Activate) => void
  /** Asks the source now, and lets decide what it has, even if something else was made to decide meanwhile. */
  readonly reload: (by: By) => Promise<Activation>
  readonly state: () => BundleState
  /** The state folder, which was taken before anything of it was read. */
  readonly held?: HeldState
}

/** With what is to decide first. */
export type Started = Bundles & Pick<First, 'pack' | 'source' | 'proved'>

const waitFor = (ms: number, signal: AbortSignal) =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)

/** What takes longer ends with the process. */
const longestStopMs = 1_000

/** Takes the first bundle. Rejects with a `NoBundle` that says why none can be had. */
export async function startBundles(options: BundlesOptions): Promise<Started> {
  const { source, keep, pollMs, log, clock = Date.now, random = Math.random } = options
  const { wait = waitFor } = options
  const stopping = new AbortController()
  const taken = taking(keep, log, clock)
  const going = progress(source.name, clock)
  let activate: Activate = () => Promise.reject(new Error('it is not connected'))
  let turns: Promise<unknown> = Promise.resolve()
  let polling: Promise<void> | undefined

  /** One pull, and what comes of it. An activation, if there was one; `by` is who asked for one in any case. */
  async function run(by?: By): Promise<Activation | undefined> {
    const got = await pull(options, { last: taken.last(), tag: taken.tag() }, stopping.signal)
    if (typeof got === 'object' && 'failed' in got) {
      if (!stopping.signal.aborted) note(got)
      return by && activate({ problem: 'rule-set-refused', detail: whatFailed(got) }, by)
    }
    const isNew = got !== 'unchanged' && got.isNew
    const { pack, payload } = got === 'unchanged' ? taken.bundle()! : got.bundle
    let activation: Activation | undefined
    if (isNew || by !== undefined) {
      activation = await activate({ bundle: { pack, payload } }, by ?? 'bundle')
      if (!activation.activated) {
        if (!stopping.signal.aborted) note(failed('activation', activation.detail))
        return activation
      }
    }
    if (isNew) {
      await taken.take(got)
      say()
    } else await taken.again(got === 'unchanged' ? undefined : got)
    succeeded(isNew)
    return activation
  }

  function inTurn(by?: By): Promise<Activation | undefined> {
    const turn = turns.then(() => run(by))
    turns = turn.catch(() => undefined)
    return turn
  }

  const reload = async (by: By): Promise<Activation> => (await inTurn(by))!

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      await wait(waitMs(pollMs, going.problem()?.times ?? 0, random), stopping.signal)
      if (stopping.signal.aborted) return
      await inTurn().catch((error: unknown) =>
        log(`internal error: ${error instanceof Error ? error.stack : String(error)}`, {
          level: 'error',
        }),
      )
    }
  }

  const whatFailed = ({ failed, detail }: Failed) => `${source.name}: ${failed}: ${detail}`

  function note(failure: Failed): void {
    const before = going.problem()
    going.failed(failure)
    // The same again is said by status and metrics; the log would only get long.
    if (before?.failed === failure.failed && before.detail === failure.detail) return
    const still = taken.current()
    log(
      `bundle: ${whatFailed(failure)}${still ? `; number ${still.number} is still the last good one` : ''}`,
      { level: 'error', event: 'bundle refused', reason: failure.failed },
    )
  }

  function succeeded(isNew: boolean): void {
    const before = going.problem()
    going.succeeded(isNew)
    if (before)
      log(`bundle: ${source.name} is well again; pulls that failed before: ${before.times}`, {
        event: 'bundle',
      })
  }

  function say(): void {
    const { number, digest, signedBy, origin } = taken.current()!
    log(
      origin === 'kept'
        ? `bundle: starting by number ${number} (${digest}), which was kept`
        : `bundle: number ${number} (${digest}), signed by ${signedBy.join(', ')}`,
      { level: origin === 'kept' ? 'warn' : 'info', event: 'bundle', number, digest },
    )
  }

  if (keep === undefined)
    log(
      'warning: bundle: without --state no bundle is kept: a restart needs the source, and takes an older bundle for a new one',
      { level: 'warn' },
    )
  const {
    pack,
    source: texts,
    instead,
    proved,
    unproved,
  } = await first(options, taken, stopping.signal)
  tellUnproved(log, unproved, 'warn')
  if (instead) note(instead)
  else succeeded(true)
  say()

  return {
    pack,
    source: texts,
    ...(proved !== undefined && { proved }),
    connect(how) {
      activate = how
    },
    state: () => ({
      number: taken.current()!.number,
      ok: going.problem() === undefined,
      lastSuccess: going.lastSuccess() ?? 0,
    }),
    reload,
    part: {
      commands: {
        reload: async () => told(await reload('http')),
      },
      status: () => ({ bundle: going.status(taken.current(), taken.isKept()) }),
      families: () => going.families(taken.current()),
      started() {
        polling = poll()
      },
      async stop() {
        stopping.abort()
        await Promise.race([
          Promise.all([polling, turns]),
          sleep(longestStopMs, undefined, { ref: false }),
        ])
      },
    },
  }
}

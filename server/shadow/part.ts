import type { Pack, PackSource } from '../../engine/index.ts'
import type { Controlled, Json } from '../control.ts'
import { sum, type Counters } from '../counters.ts'
import type { Log } from '../log.ts'
import type { ShadowSetup } from '../observers/shadow/observer.ts'
import { ring, ringMemory } from '../observers/shadow/ring.ts'
import type { Part } from '../parts.ts'
import type { Activation } from '../rule-sets/activation.ts'
import { told } from '../rule-sets/part.ts'
import { shadowFamilies } from './families.ts'
import { keepThread, type KeptThread } from './keep-thread.ts'
import type { ShadowFile } from './messages.ts'
import { view } from './view.ts'
import { watching, type Watched } from './watched.ts'

export type ShadowOptions = {
  readonly counters: Counters
  readonly live: Pack
  /** Without its texts it can't be promoted. */
  readonly candidate?: { readonly pack: Pack; readonly source?: PackSource } | undefined
  /** Lets a pack decide. */
  readonly activate: (source: PackSource) => Promise<Activation>
  readonly file?: ShadowFile | undefined
  /** JSON pointers of what is left out of sign-ins. */
  readonly mask: readonly string[]
  readonly log: Log
  /** The module that is its thread, and how often that is asked whether it lives, in milliseconds. */
  readonly filename?: string
  readonly pingEveryMs?: number
}

/** Bytes of decisions that may wait for it at each listener. */
const ringBytes = 4_194_304
/** Milliseconds in which a stop lets it compare what waits. */
const stopWithinMs = 400

/**
 * Compares what is told with what a candidate would have decided, and with what the rules that only report would have made of it. It
 * has a thread while there is one of them; while there is none, listeners look at one number for each decision.
 */
export function shadowPart(options: ShadowOptions): Part {
  const { counters, activate, file, mask, log, filename, pingEveryMs } = options
  const rings = counters.rows.map(() => ringMemory(ringBytes))
  const onOff = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  const setup: ShadowSetup = { rings, switch: onOff, counters: counters.memory }
  let { live, candidate } = options
  let watched: Watched | undefined
  let watches = 0
  let restarts = 0
  let thread: KeptThread | undefined
  let turns: Promise<void> = Promise.resolve()

  /** Begins anew with what is compared by now. */
  function begin(): void {
    watched = watching(++watches, live.ruleSet, candidate?.pack.ruleSet, skipped())
    Atomics.store(new Int32Array(onOff), 0, watched === undefined ? 0 : 1)
    turns = turns.then(keepUp)
  }

  /** In turns, so that no two threads ever read the same rings. */
  async function keepUp(): Promise<void> {
    if (watched === undefined) {
      await thread?.stop(0)
      thread = undefined
    } else if (thread === undefined) {
      for (const each of rings) ring(each).clear()
      thread = keepThread({
        rings,
        watch: watched.watch,
        mask,
        ...(file && { file }),
        log,
        lost: () => restarts++,
        examples(of, examples) {
          if (watched?.watch.id === of) watched = { ...watched, examples }
        },
        ...(filename !== undefined && { filename }),
        ...(pingEveryMs !== undefined && { pingEveryMs }),
      })
    } else thread.watch(watched.watch)
  }

  /** Lets the candidate decide, as its texts were when it came into the shadow; which then has no candidate any more. */
  async function promote(revision: string | undefined): Promise<Controlled> {
    const promoted = candidate
    const problem = 'not-the-candidate'
    if (promoted === undefined) return { problem, detail: 'there is no candidate in the shadow' }
    const { ruleSet } = promoted.pack
    if (revision !== undefined && revision !== ruleSet.revision)
      return { problem, detail: `the candidate is ${ruleSet.revision}, not ${revision}` }
    if (promoted.source === undefined)
      return { problem, detail: 'the texts of the candidate are not known' }
    const activation = await activate(promoted.source)
    if (!activation.activated) return told(activation)
    if (candidate === promoted) {
      candidate = undefined
      begin()
    }
    return { told: activation }
  }

  const skipped = () => sum(counters, 'shadow skipped')
  const state = () => ({
    live: live.ruleSet,
    candidate: candidate?.pack.ruleSet,
    watched,
    full: skipped() - (watched?.skippedBefore ?? 0),
    waiting: rings.reduce((total, each) => total + ring(each).waiting(), 0),
    restarts,
  })

  if (candidate !== undefined || live.ruleSet.reportRules.length > 0) begin()
  return {
    observers: { shadow: setup },
    commands: {
      shadow: async () => ({ told: view(state()) as Json }),
      promote: (args) => promote((args as { readonly revision?: string } | null)?.revision),
    },
    families: () => shadowFamilies(state()),
    live(pack) {
      const before = live.ruleSet
      live = pack
      if (before.revision === pack.ruleSet.revision) return
      if (candidate?.pack.ruleSet.revision === pack.ruleSet.revision) candidate = undefined
      if (candidate !== undefined)
        log(
          `the shadow compares ${candidate.pack.ruleSet.id} with ${pack.ruleSet.revision} from now on`,
        )
      begin()
    },
    async stop() {
      watched = undefined
      await turns
      await thread?.stop(stopWithinMs)
    },
  }
}

import { reasons as accessReasons, type Reason } from './access/refusals.ts'
import { askings, type Asking } from './asking.ts'
import { effects, factTable, outcomes, type AtOnce } from '../engine/index.ts'
import {
  batchBounds,
  batchForms,
  decisionBounds,
  newCounters,
  place,
  problemNames,
  type BatchForm,
  type Column,
} from './counters.ts'
import type { Controlled } from './control.ts'
import { decidedBy } from './decided-by.ts'
import { exposition, type Families } from './exposition.ts'
import { families, type Source } from './families.ts'
import type { Log } from './log.ts'
import type { ToldFamilies } from './parts.ts'
import { watchProblems } from './problems.ts'
import { watchThread } from './watch-thread.ts'
import { within } from './within.ts'

export type { Asking }

/** What the service tells of itself. */
export type Metrics = {
  /** Counts a decision; answering it took so many milliseconds. */
  readonly decided: (answer: AtOnce, durationMs: number, kind?: Asking) => void
  /** Counts a batch that had so many sign-ins. */
  readonly batch: (form: BatchForm, signIns: number) => void
  /** Counts an explanation. */
  readonly explained: () => void
  /** Counts a request that was turned away because there is too much to do. */
  readonly shed: (kind: Asking) => void
  /** Counts a request that may not have what it wants. */
  readonly noAccess: (reason: Reason) => void
  readonly contentType: string
  /** All of it, of all listeners, in the text format of Prometheus. */
  readonly text: () => Promise<string>
  /** Ends the watching. */
  readonly close: () => void
}

export type WatchOptions = Partial<Source> & {
  /** The row of the calling thread. */
  readonly listener?: number
  /** Brings up to date what is not counted as it happens. */
  readonly refresh?: (() => void) | undefined
  /** Asks the main thread for what it alone knows. */
  readonly others?: (() => Promise<Controlled>) | undefined
  readonly log?: Log
}

/** A main thread that does not say what it alone knows in so many milliseconds is not waited for. */
const othersWithinMs = 1_000

/**
 * Watches the calling thread as a listener of the service. Named as prom-client names its default metrics, so that dashboards fit.
 * CPU time and resident memory are of the whole process.
 */
export function watchService({
  counters = newCounters(1),
  listener = 0,
  live,
  isReady = () => true,
  refresh,
  others,
  log = () => undefined,
}: WatchOptions = {}): Metrics {
  const row = counters.rows[listener]!
  const { rules, facts } = counters.named
  const watching = watchThread(row)
  const placesOf = <M extends string>(members: readonly M[], column: (member: M) => Column) =>
    Object.fromEntries(members.map((member) => [member, place(column(member))])) as Record<
      M,
      number
    >
  const decided = placesOf(outcomes, (outcome) => `decided ${outcome}`)
  const explained = place('explained')
  const shed = placesOf(askings, (kind) => `shed ${kind}`)
  const took = placesOf(askings, (kind) => `took ${kind} ${decisionBounds[0]}`)
  const tookSum = placesOf(askings, (kind) => `took ${kind} sum`)
  const batches = placesOf(batchForms, (form) => `batch ${form} ${batchBounds[0]}`)
  const batchSum = placesOf(batchForms, (form) => `batch ${form} sum`)
  const noAccess = placesOf(accessReasons, (reason) => `no access ${reason}`)
  const refused = placesOf(problemNames, (name) => `refused ${name}`)
  const [blocks, challenges, advises] = effects.map((effect) =>
    rules[listener]!.counter(`${effect}/`),
  ) as [Count, Count, Count]
  const assume = facts[listener]!.orderly(
    Object.keys(factTable(live?.().ruleSet.customFacts ?? {})),
  )
  const by = decidedBy()
  const unwatch = watchProblems((name) => row[refused[name]]!++)
  const source: Source = { counters, live, isReady }

  /** What only the main thread knows; what is told of it here is how that went. */
  async function fromMain(): Promise<ToldFamilies> {
    if (others === undefined) return { families: {}, failing: 0 }
    const controlled = await within(othersWithinMs, others())
    if (controlled !== undefined && 'told' in controlled)
      return controlled.told as unknown as ToldFamilies
    log('some metrics are left out: the main thread does not tell them', { level: 'warn' })
    return { families: {}, failing: 1 }
  }

  async function all(): Promise<Families> {
    const main = await fromMain()
    const told: Record<string, Families[string]> = { ...main.families }
    let { failing } = main
    for (const [name, { type, help, samples }] of Object.entries(families))
      try {
        told[name] = { type, help, samples: samples(source) }
      } catch (error) {
        failing++
        log(`the metric ${name} is left out: ${String(error)}`, { level: 'warn' })
      }
    told['portcullis_metrics_incomplete'] = {
      type: 'gauge',
      help: '1 where these metrics do not tell all: of rules or facts, since there were too many names; of families, since they could not be told.',
      samples: [
        [Number(rules.some(({ isFull }) => isFull())), { of: 'rules' }],
        [Number(facts.some(({ isFull }) => isFull())), { of: 'facts' }],
        [Math.min(failing, 1), { of: 'families' }],
      ],
    }
    return told
  }

  return {
    decided(answer, durationMs, kind = 'single') {
      row[decided[answer.outcome]]!++
      const seconds = durationMs / 1_000
      row[took[kind] + bucketOf(seconds, decisionBounds)]!++
      row[tookSum[kind]]! += seconds
      const { outcome, reasons, advice, assumed } = by(answer)
      const count = outcome === 'block' ? blocks : challenges
      for (let at = 0; at < reasons.length; at++) count(reasons[at]!.rule)
      for (let at = 0; at < advice.length; at++) advises(advice[at]!.rule)
      assume(assumed)
    },
    batch(form, signIns) {
      row[batches[form] + bucketOf(signIns, batchBounds)]!++
      row[batchSum[form]]! += signIns
    },
    explained: () => void row[explained]!++,
    shed: (kind) => void row[shed[kind]]!++,
    noAccess: (reason) => void row[noAccess[reason]]!++,
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    async text() {
      watching.refresh()
      refresh?.()
      return exposition(await all())
    },
    close() {
      watching.close()
      unwatch()
    },
  }
}

type Count = (name: string) => void

/** Of bounds that go up, how many a value is beyond. */
function bucketOf(value: number, bounds: readonly number[]): number {
  let at = 0
  while (at < bounds.length && value > bounds[at]!) at++
  return at
}

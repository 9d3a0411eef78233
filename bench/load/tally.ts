import { latencyHistogram } from './histogram.ts'
import type { Exchange, Judgement } from './protocol.ts'
import type { LoadResult, Second, Wrong } from './result.ts'
import { answerClasses, type AnswerClass, type Question, type Workload } from './workload.ts'

/** A request: which question it asks, and when it was due, in milliseconds from the start of what is measured. */
export type Asked = { readonly question: number; readonly dueMs: number }

/** What was counted, as far as the result is made of it. */
export type Counted = Pick<
  LoadResult,
  | 'sent'
  | 'answered'
  | 'timeouts'
  | 'decisions'
  | 'connectionErrors'
  | 'failures'
  | 'dropped'
  | 'unavailable'
  | 'statuses'
  | 'latency'
  | 'rawLatency'
  | 'byClass'
  | 'shedLatency'
  | 'losses'
  | 'wrong'
  | 'series'
>

export type TallyOptions = {
  readonly keptOpenSeconds: number
  /** Of requests that are due later only the series and wrong answers are kept. */
  readonly untilMs?: number
}

/** Counts what becomes of requests. Those that were due before 0 are warm-up, of which only wrong answers are kept. */
export type Tally = {
  readonly planned: (asked: Asked) => void
  readonly sent: (asked: Asked) => void
  /** `waitedUs` is from when it was due, `tookUs` from when it was sent. */
  readonly answered: (asked: Asked, answer: Answered) => void
  readonly timedOut: (asked: Asked, times: Times) => void
  readonly dropped: (asked: Asked, waitedUs: number) => void
  /** Its connection failed, so many milliseconds after the start of what is measured. */
  readonly failed: (asked: Asked, why: string, atMs: number) => void
  /** Of all until now, with the warm-up; `served` are answers that do not only say that none can be had. */
  readonly totals: () => {
    readonly sent: number
    readonly answered: number
    readonly served: number
  }
  /** Where it stands, for those who wait. */
  readonly line: () => string
  readonly counted: () => Counted
}

export type Times = { readonly waitedUs: number; readonly tookUs: number }
export type Answered = Times & { readonly status: number; readonly body: Buffer }

const mostExamples = 10
const mostExampleCharacters = 2_000
const mostReasons = 20
const mostLosses = 1_000

export function tally(
  { questions }: Workload,
  exchanges: readonly Exchange[],
  { keptOpenSeconds, untilMs = Infinity }: TallyOptions,
): Tally {
  const classes = questions.map(classOf)
  const latency = latencyHistogram()
  const raw = latencyHistogram()
  const shed = latencyHistogram()
  const losses: number[] = []
  const byClass = new Map<AnswerClass, ReturnType<typeof latencyHistogram>>()
  const statuses: Record<string, number> = {}
  const failures: Record<string, number> = {}
  const examples: Wrong[] = []
  const series = secondBySecond(keptOpenSeconds)
  const total = { sent: 0, answered: 0, served: 0 }
  const count = { sent: 0, answered: 0, timeouts: 0, decisions: 0, dropped: 0, unavailable: 0 }
  let [wrong, allows, errors] = [0, 0, 0]

  const isCounted = (dueMs: number) => dueMs >= 0 && dueMs < untilMs
  const record = ({ question }: Asked, waitedUs: number) => {
    latency.record(waitedUs)
    const name = classes[question]!
    let own = byClass.get(name)
    if (!own) byClass.set(name, (own = latencyHistogram()))
    own.record(waitedUs)
  }

  return {
    planned: ({ dueMs }) => dueMs >= 0 && series.planned(dueMs),
    sent({ dueMs }) {
      total.sent++
      if (isCounted(dueMs)) count.sent++
    },
    answered(asked, { waitedUs, tookUs, status, body }) {
      total.answered++
      const judgement: Judgement = exchanges[asked.question]!.judge(status, body)
      if (typeof judgement === 'object') {
        wrong++
        if (isAllow(judgement.actual) && !isAllow(judgement.expected)) allows++
        if (examples.length < mostExamples) examples.push(clipped(judgement))
      }
      if (judgement !== 'unavailable') total.served++
      if (asked.dueMs < 0) return
      if (judgement === 'unavailable') series.failed(asked.dueMs)
      else series.answered(asked.dueMs, waitedUs)
      if (!isCounted(asked.dueMs)) return
      statuses[status] = (statuses[status] ?? 0) + 1
      if (judgement === 'unavailable') {
        count.unavailable++
        shed.record(tookUs)
        return
      }
      count.answered++
      count.decisions += questions[asked.question]!.signIns.length
      record(asked, waitedUs)
      raw.record(tookUs)
    },
    timedOut(asked, { waitedUs, tookUs }) {
      if (asked.dueMs < 0) return
      series.failed(asked.dueMs, waitedUs)
      if (!isCounted(asked.dueMs)) return
      count.timeouts++
      record(asked, waitedUs)
      raw.record(tookUs)
    },
    dropped(asked, waitedUs) {
      if (asked.dueMs < 0) return
      series.failed(asked.dueMs, waitedUs)
      if (!isCounted(asked.dueMs)) return
      count.dropped++
      record(asked, waitedUs)
    },
    failed(asked, why, atMs) {
      if (asked.dueMs < 0) return
      series.failed(asked.dueMs)
      if (!isCounted(asked.dueMs)) return
      errors++
      if (losses.length < mostLosses) losses.push(atMs)
      const reason = why in failures || Object.keys(failures).length < mostReasons ? why : 'others'
      failures[reason] = (failures[reason] ?? 0) + 1
    },
    totals: () => total,
    line() {
      const failed = count.timeouts + count.dropped + count.unavailable + errors
      const p99Ms = (latency.quantile(0.99) / 1_000).toFixed(2)
      return latency.count() === 0
        ? `warming up, ${total.answered.toLocaleString('en')} answers`
        : `${count.answered.toLocaleString('en')} answers, p99 ${p99Ms} ms, ${failed} failed, ${wrong} wrong`
    },
    counted: () => ({
      ...count,
      connectionErrors: errors,
      failures,
      statuses,
      latency: latency.latency(),
      rawLatency: raw.latency(),
      byClass: Object.fromEntries(
        answerClasses.flatMap((name) => {
          const own = byClass.get(name)
          return own ? [[name, own.latency()]] : []
        }),
      ),
      ...(shed.count() > 0 && { shedLatency: shed.latency() }),
      ...(losses.length > 0 && { losses }),
      wrong: { count: wrong, ...(allows > 0 && { allows }), examples },
      series: series.seconds(),
    }),
  }
}

const isAllow = (text: string): boolean => text.includes('"outcome":"allow"')

/** By what the first revision answers. */
function classOf({ form, expected }: Question): AnswerClass {
  return form === 'single' ? (Object.values(expected)[0]?.[0]?.outcome ?? 'refused') : 'many'
}

const clip = (text: string): string =>
  text.length > mostExampleCharacters ? `${text.slice(0, mostExampleCharacters)}…` : text

const clipped = ({ question, signIn, expected, actual }: Wrong): Wrong => ({
  question,
  signIn: clip(signIn),
  expected: clip(expected),
  actual: clip(actual),
})

/** Keeps the times of the last seconds only, since nothing is added to a second once all its requests must be over. */
function secondBySecond(keptOpen: number) {
  const done: Second[] = []
  type Open = {
    planned: number
    answered: number
    failed: number
    readonly times: ReturnType<typeof latencyHistogram>
  }
  const open = new Map<number, Open>()
  const free: Open['times'][] = []

  const close = (second: number, { times, planned, answered, failed }: Open) => {
    open.delete(second)
    const [p50Us, p99Us] = [times.quantile(0.5), times.quantile(0.99)]
    done.push({ second, planned, answered, failed, p50Us, p99Us, maxUs: times.max() })
    times.reset()
    free.push(times)
  }
  const at = (dueMs: number): Open => {
    const second = Math.floor(dueMs / 1_000)
    let found = open.get(second)
    if (found) return found
    for (const [old, each] of open) if (old < second - keptOpen) close(old, each)
    found = { planned: 0, answered: 0, failed: 0, times: free.pop() ?? latencyHistogram() }
    open.set(second, found)
    return found
  }
  return {
    planned: (dueMs: number) => void at(dueMs).planned++,
    answered(dueMs: number, us: number) {
      const second = at(dueMs)
      second.answered++
      second.times.record(us)
    },
    failed(dueMs: number, us?: number) {
      const second = at(dueMs)
      second.failed++
      if (us !== undefined) second.times.record(us)
    },
    /** Ends the counting. */
    seconds(): readonly Second[] {
      for (const [second, each] of open) close(second, each)
      return done.toSorted((a, b) => a.second - b.second)
    },
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { faultText, type Pack } from '../../engine/index.ts'
import { watchMemory } from '../load/memory.ts'
import type { Workload } from '../load/workload.ts'
import { readProfile, workloadOf } from '../profiles/index.ts'
import { randomFrom } from '../random.ts'
import type { Part, SoakPart, Verdict } from '../report/document.ts'
import { order as orderOf, steady, type Drive, type Watch } from '../runs/asking.ts'
import { saturatedPerSecond } from '../runs/overload.ts'
import { rounded } from '../table.ts'
import { mixed } from './mix.ts'
import { revisionNow } from './probe.ts'
import { bytesPerMinute } from './slope.ts'
import { startSoaked, type Soaked } from './soaked.ts'
import { explainedLosses, soakVerdicts } from './verdicts.ts'

export type SoakPlan = {
  readonly seconds: number
  /** Share of what it can take. */
  readonly load: number
  /** What it can take, in requests a second; looked for where it is left out. */
  readonly perSecond?: number
  readonly swapEverySeconds: number
  readonly killEverySeconds: number
  /** Share of the requests. */
  readonly malformed: number
  /** Flags of `serve` by their names in the table of settings. */
  readonly flags: Readonly<Record<string, string>>
}

/** A pack, and the name or folder that a child process reads it from. */
export type SoakPack = { readonly from: string; readonly pack: Pack }

/** Longer than the service takes to say that it can't decide, however often it tries. */
const timeoutMs = 10_000
const batches = { share: 0.02, size: 50, count: 100 }
const probes = 4
/** Of a run this share, and at most so many seconds, is left out of the slope of memory. */
const [warmUpShare, mostWarmUpSeconds] = [0.2, 60]
/** Connections that are never closed for being idle: a request on one that is just being closed is lost, and no fault of the service. */
const keepAliveTimeout = '600000'

/**
 * Asks a service for long while its rule sets are swapped and its threads are ended, and compares every answer with that of the
 * revision that it names.
 */
export async function soak(
  packs: readonly [SoakPack, SoakPack],
  { seed, drive, plan }: { readonly seed: number; readonly drive: Drive; readonly plan: SoakPlan },
  watch: Watch,
): Promise<{ parts: readonly Part[]; verdicts: readonly Verdict[]; headline: string }> {
  const workload = soakWorkload(
    packs.map(({ pack }) => pack),
    seed,
    plan.malformed,
  )
  const kills: number[] = []
  const lines = new Map<string, number>()
  const soaked = await startSoaked(
    { packs: packs.map(({ from }) => from), flags: { port: '0', keepAliveTimeout, ...plan.flags } },
    {
      onKilled: (atMs) => kills.push(atMs),
      onSaid: (line) => count(lines, line),
    },
  )
  try {
    const asking = {
      drive,
      target: { url: soaked.url, pid: soaked.pid, protocol: 'portcullis' as const },
      workload,
    }
    watch.progress('how much it can take')
    const capacity = plan.perSecond ?? (await saturatedPerSecond(asking, 4, watch))
    const memory = watchMemory(soaked.pid, 1_000)
    const startMs = performance.timeOrigin + performance.now()
    const ending = new AbortController()
    const troubles = [
      swapping(soaked, packs, workload, plan.swapEverySeconds, ending.signal),
      killing(soaked, seed, plan.killEverySeconds, ending.signal),
    ] as const
    const result = await drive(
      {
        ...orderOf(
          asking,
          { kind: 'open', arrivals: 'poisson', stages: steady(capacity * plan.load, plan.seconds) },
          plan.seconds,
          1e9,
          { timeoutMs, warmUpSeconds: 1 },
        ),
      },
      watch,
    ).finally(() => {
      ending.abort()
      memory.stop()
    })
    const [{ swaps, stale }] = await Promise.all(troubles)
    const explained = explainedLosses(result, kills, Number(plan.flags['listeners'] ?? 1))
    const grows = bytesPerMinute(
      memory.seen,
      Math.min(mostWarmUpSeconds, plan.seconds * warmUpShare),
    )
    const ended = soaked.ended()
    const part: SoakPart = {
      kind: 'soak',
      title: 'What happened meanwhile',
      memory: memory.seen,
      ...(grows !== undefined && { bytesPerMinute: grows }),
      swaps,
      kills: kills.map((atMs) => (atMs - startMs) / 1_000),
      stale,
      said: [...lines].map(([line, times]) => ({ line, count: times })),
    }
    const errors = Object.entries(result.statuses).filter(([status]) => Number(status) >= 500)
    return {
      parts: [
        {
          kind: 'load',
          title: `${rounded(plan.load * 100)}% of ${rounded(capacity)} requests a second`,
          result,
        },
        part,
      ],
      verdicts: soakVerdicts({ result, explained, stale, ...(ended !== undefined && { ended }) }),
      headline: [
        `${result.answered.toLocaleString('en')} requests answered (${result.decisions.toLocaleString('en')} sign-ins), ${result.wrong.count} of them wrongly`,
        `${result.connectionErrors + result.timeouts} lost, of which ${explained} with the thread that held them`,
        errors.length === 0
          ? 'none told that no decision can be made now'
          : errors.map(([status, times]) => `${times} × ${status}`).join(', '),
        `${swaps.length} swaps, ${kills.length} threads ended`,
        ...(grows === undefined
          ? []
          : [
              `memory ${grows < 0 ? 'falls' : 'grows'} by ${rounded(Math.abs(grows) / 1e6)} MB a minute`,
            ]),
      ].join('; '),
    }
  } finally {
    await soaked.stop()
  }
}

/** Single sign-ins of a company's day, batches, and malformed ones, with the right answers by both packs. */
export function soakWorkload(packs: readonly Pack[], seed: number, malformed: number): Workload {
  const ruleSets = packs.map(({ ruleSet }) => ruleSet)
  const read = (name: string) => {
    const profile = readProfile(name)
    if (profile.faults) throw new Error(profile.faults.map(faultText).join('\n'))
    return profile
  }
  const [day, spoilt, night] = [read('mixed'), read('malformed'), read('large-batch')]
  const [first, ...others] = day.parts.filter(({ name }) => name !== spoilt.name)
  const inBatches = { form: 'batch', size: batches.size } as const
  const [part, ...parts] = night.parts.map((each) => ({ ...each, form: inBatches }))
  return mixed(
    {
      singles: workloadOf({ ...day, parts: [first!, ...others] }, ruleSets, { seed }),
      malformed: refusedOf(workloadOf(spoilt, ruleSets, { seed })),
      batches: workloadOf({ ...night, parts: [part!, ...parts] }, ruleSets, {
        seed,
        questions: batches.count,
      }),
    },
    { batches: batches.share, malformed },
  )
}

/** The questions that every revision has to refuse. */
function refusedOf(workload: Workload): Workload {
  const order = workload.order.filter((place) =>
    Object.values(workload.questions[place]!.expected).every(
      ([right]) => right!.outcome === 'refused',
    ),
  )
  return { ...workload, order }
}

/** Swaps in turns until the signal comes; after each, new connections have to be answered by the new rule set. */
async function swapping(
  { swap, url }: Soaked,
  packs: readonly [SoakPack, SoakPack],
  { questions, order, ruleSet }: Workload,
  everySeconds: number,
  signal: AbortSignal,
) {
  const swaps: SoakPart['swaps'][number][] = []
  let stale = 0
  const plain = order.find((place) => {
    const { form, expected } = questions[place]!
    return form === 'single' && expected[ruleSet.revision]![0]!.outcome !== 'refused'
  })
  const startMs = performance.now()
  for (let turn = 1; await waited(everySeconds, signal); turn++) {
    const second = (performance.now() - startMs) / 1_000
    const to = turn % 2
    const swapped = await swap(to).catch((error: Error) => ({ ms: 0, failed: error.message }))
    swaps.push({ second, ...swapped })
    if ('failed' in swapped && swapped.failed !== undefined) continue
    const asked = Array.from({ length: probes }, () =>
      revisionNow(url, questions[plain!]!.signIns[0]!),
    )
    const wanted = packs[to]!.pack.ruleSet.revision
    for (const revision of await Promise.all(asked))
      if (revision !== undefined && revision !== wanted) stale++
  }
  return { swaps, stale }
}

async function killing(
  { kill }: Soaked,
  seed: number,
  everySeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const random = randomFrom(seed)
  while (await waited(everySeconds, signal)) kill(random.unit())
}

/** Whether the time is over, rather than all. */
const waited = (seconds: number, signal: AbortSignal): Promise<boolean> =>
  delay(seconds * 1_000, true, { signal }).catch(() => false)

const count = (counts: Map<string, number>, line: string) => {
  // what differs each time would make a line of its own each time
  const alike = line.replaceAll(/\d+/g, 'N').slice(0, 300)
  counts.set(alike, (counts.get(alike) ?? 0) + 1)
}

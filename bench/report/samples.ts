import type { EngineResult } from '../engine/engine.ts'
import { sizes } from '../engine/growth.ts'
import type { Latency, LoadResult, Loop, Second } from '../load/result.ts'
import { answerClasses } from '../load/workload.ts'
import { randomFrom } from '../random.ts'
import type {
  BenchDocument,
  CapacityPart,
  ComparisonPart,
  LayersPart,
  Part,
  PeersPart,
  SoakPart,
  TargetsPart,
  TransportPart,
} from './document.ts'

/** Documents as a run could have written them, for tests and for looking at reports: plausible figures, not measured ones. */

const random = randomFrom(4)
const uniform = () => (random.below(1_000_000) + 0.5) / 1_000_000
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())

/** Times about a median, with a long tail and now and then a stall. */
const times = (count: number, medianUs: number, spread: number, stalls: number) =>
  Array.from(
    { length: count },
    () =>
      medianUs * Math.exp(Math.abs(normal()) * spread - 0.15) +
      (random.below(10_000) < stalls * 10_000 ? 4_000 + 16_000 * uniform() : 0),
  )

export function latencyOf(values: readonly number[]): Latency {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0
  const buckets = new Map<number, number>()
  for (const value of sorted) {
    const upper = Math.ceil(1.01 ** Math.ceil(Math.log(Math.max(value, 1)) / Math.log(1.01)))
    buckets.set(upper, (buckets.get(upper) ?? 0) + 1)
  }
  return {
    count: sorted.length,
    minUs: sorted[0] ?? 0,
    meanUs: sorted.length === 0 ? 0 : sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    maxUs: sorted.at(-1) ?? 0,
    p50Us: at(0.5),
    p90Us: at(0.9),
    p99Us: at(0.99),
    p999Us: at(0.999),
    p9999Us: at(0.9999),
    buckets: [...buckets],
  }
}

/** As if each of them had been met so many times. */
const manifold = (latency: Latency, times: number): Latency => ({
  ...latency,
  count: latency.count * times,
  buckets: latency.buckets.map(([us, count]) => [us, count * times]),
})

const perSecondOfOpen = 1_500
const openLoop: Loop = {
  kind: 'open',
  arrivals: 'poisson',
  stages: [
    { seconds: 10, fromPerSecond: 500, toPerSecond: perSecondOfOpen },
    { seconds: 20, fromPerSecond: perSecondOfOpen, toPerSecond: perSecondOfOpen },
  ],
}

function load(
  loop: Loop,
  perSecond: number,
  seconds: number,
  others: Partial<LoadResult> = {},
): LoadResult {
  const planned = Math.round(perSecond * seconds)
  const all = times(planned, 620, 0.55, 0.004)
  const raw = all.map((us) => (us > 4_000 ? us * 0.55 : us * 0.97))
  const shares = { allow: 0.62, challenge: 0.22, block: 0.12, refused: 0.01, many: 0.03 }
  let from = 0
  const byClass = Object.fromEntries(
    answerClasses.map((name) => {
      const to = from + Math.round(planned * shares[name])
      const own = all.slice(from, to).map((us) => (name === 'many' ? us * 4 : us))
      from = to
      return [name, latencyOf(own)]
    }),
  )
  const series = Array.from({ length: Math.ceil(seconds) }, (_, second): Second => {
    const stalled = second === 17
    const due = Math.round(loop === openLoop ? Math.min(500 + second * 100, 1_500) : perSecond)
    const answered = stalled ? Math.round(due * 0.86) : due - random.below(9)
    const p50Us = 600 + 40 * normal() + (stalled ? 900 : 0)
    return {
      second,
      planned: loop.kind === 'open' ? due : 0,
      answered,
      failed: stalled ? 14 : 0,
      p50Us,
      p99Us: p50Us * (2.6 + 0.3 * Math.abs(normal())) + (stalled ? 18_000 : 0),
      maxUs: p50Us * 9,
    }
  })
  return {
    workload: 'office morning',
    seed: 2026,
    loop,
    url: 'http://127.0.0.1:8080',
    seconds,
    warmUpSeconds: 5,
    planned: loop.kind === 'open' ? planned : 0,
    sent: planned,
    answered: planned - 14,
    timeouts: 11,
    decisions: Math.round(planned * 1.4),
    perSecond,
    timeoutMs: 2_000,
    fromMs: 1_795_550_400_000,
    connectionErrors: 1,
    failures: { ECONNRESET: 1 },
    unavailable: 3,
    dropped: 2,
    statuses: { 200: planned - 14 - Math.round(planned * 0.01), 400: Math.round(planned * 0.01) },
    latency: latencyOf(all),
    rawLatency: latencyOf(raw),
    byClass,
    wrong: { count: 0, examples: [] },
    series,
    generator: {
      cpuUsPerRequest: 84.2,
      busy: 0.213,
      eventLoopDelayP99Us: 1_120,
      ...(loop.kind === 'open' && { lateness: latencyOf(times(planned, 45, 0.6, 0.0005)) }),
      late: 12,
    },
    service: {
      cpuUsPerRequest: 212.4,
      cpus: 0.34,
      rssBytes: 143_200_000,
      gcPauseMs: { total: 91.2, count: 214 },
      eventLoopDelayP99Ms: 1.6,
    },
    ...others,
  }
}

const closed: Part = {
  kind: 'load',
  title: 'Saturation',
  result: load({ kind: 'closed', connections: 64 }, 4_100, 10),
}
const open: Part = { kind: 'load', title: 'Office morning', result: load(openLoop, 1_330, 30) }

const capacity: CapacityPart = {
  kind: 'capacity',
  title: 'Capacity',
  limit: { percentile: 'p99', us: 5_000 },
  steps: [
    { perSecond: 500, p50Us: 590, p99Us: 1_480, met: true },
    { perSecond: 1_000, p50Us: 610, p99Us: 1_720, met: true },
    { perSecond: 2_000, p50Us: 690, p99Us: 2_350, met: true },
    { perSecond: 4_000, p50Us: 8_900, p99Us: 61_000, met: false },
    { perSecond: 3_000, p50Us: 1_050, p99Us: 4_620, met: true },
    { perSecond: 3_500, p50Us: 1_900, p99Us: 14_300, met: false },
    { perSecond: 3_250, p50Us: 1_240, p99Us: 4_910, met: false, because: '3 timeouts' },
  ],
  perSecond: 3_000,
  confirmation: load(
    {
      kind: 'open',
      arrivals: 'constant',
      stages: [{ seconds: 30, fromPerSecond: 3_000, toPerSecond: 3_000 }],
    },
    3_000,
    30,
  ),
}

const layers: LayersPart = {
  kind: 'layers',
  title: 'Where a microsecond goes',
  rows: [
    { layer: 'pure engine', cpuUs: 0.042, perSecond: 23_800_000, p50Us: 0.041, p99Us: 0.058 },
    { layer: 'engine, from JSON to JSON', cpuUs: 9.6, perSecond: 104_000, p50Us: 9.3, p99Us: 14.2 },
    { layer: 'pool, 64 in a message', cpuUs: 13.4, perSecond: 74_600, p50Us: 840, p99Us: 1_320 },
    { layer: 'pool, 8 in a message', cpuUs: 18.9, perSecond: 52_900, p50Us: 149, p99Us: 260 },
    { layer: 'pool, 1 in a message', cpuUs: 48.2, perSecond: 20_700, p50Us: 46.9, p99Us: 98.1 },
    { layer: 'HTTP', cpuUs: 212, perSecond: 4_100, p50Us: 610, p99Us: 1_830 },
    {
      layer: 'bare node:http, echo',
      cpuUs: 74,
      perSecond: 13_100,
      p50Us: 188,
      p99Us: 610,
      ceiling: true,
    },
    {
      layer: 'plain Hono, JSON echo',
      cpuUs: 96,
      perSecond: 10_200,
      p50Us: 240,
      p99Us: 720,
      ceiling: true,
    },
  ],
  scaling: [
    {
      of: 'worker threads',
      points: [1, 2, 3, 4, 6].map((n) => ({
        n,
        perSecond:
          ((n * 4_050) / (1 + 0.12 * (n - 1) + 0.031 * n * (n - 1))) * (1 + 0.02 * normal()),
      })),
      perSecondOfOne: 4_050,
      contention: 0.12,
      crosstalk: 0.031,
      best: 5,
    },
    {
      of: 'listeners',
      points: [
        { n: 1, perSecond: 4_100 },
        { n: 2, perSecond: 7_350 },
      ],
      perSecondOfOne: 4_100,
      contention: 0.115,
      crosstalk: 0,
    },
  ],
}

const pairsOf = (medianA: number, change: number, noise: number) => {
  const level = Array.from({ length: 14 }, () => 1 + noise * normal())
  return {
    a: level.map((each) => medianA * each * (1 + 0.006 * normal())),
    b: level.map((each) => medianA * each * (1 + change) * (1 + 0.006 * normal())),
  }
}

const comparison: ComparisonPart = {
  kind: 'comparison',
  title: 'A against B',
  a: 'main (7ecc245)',
  b: 'worktree',
  pairs: 14,
  rows: [
    {
      metric: 'CPU a request',
      unit: 'µs',
      better: 'less',
      medianA: 212,
      medianB: 218.6,
      change: 0.0312,
      low: 0.0241,
      high: 0.0388,
      p: 0.00004,
      verdict: 'worse',
    },
    {
      metric: 'answers',
      unit: '/s',
      better: 'more',
      medianA: 4_100,
      medianB: 4_012,
      change: -0.0215,
      low: -0.034,
      high: -0.0092,
      p: 0.0021,
      verdict: 'worse',
    },
    {
      metric: 'p50',
      unit: 'µs',
      better: 'less',
      medianA: 610,
      medianB: 612,
      change: 0.0033,
      low: -0.0081,
      high: 0.0142,
      p: 0.61,
      verdict: '~',
    },
    {
      metric: 'p99',
      unit: 'µs',
      better: 'less',
      medianA: 1_830,
      medianB: 1_747,
      change: -0.0454,
      low: -0.071,
      high: -0.018,
      p: 0.008,
      verdict: 'better',
    },
  ],
  values: [
    pairsOf(212, 0.031, 0.01),
    pairsOf(4_100, -0.0215, 0.02),
    pairsOf(610, 0.0033, 0.015),
    pairsOf(1_830, -0.045, 0.05),
  ],
}

const transport: TransportPart = {
  kind: 'transport',
  title: 'Ways to another thread and back',
  rows: [1, 64].flatMap((together) => [
    { contender: 'a text each', together, askingUs: 21.4, bothUs: 40.2, wallUs: 38.1 },
    { contender: 'one array, copied', together, askingUs: 2.31, bothUs: 7.9, wallUs: 6.84 },
  ]),
}

const peers: PeersPart = {
  kind: 'peers',
  title: 'Peers',
  rows: [
    {
      peer: 'Portcullis',
      checked: 412,
      cpuUs: 212,
      perSecond: 4_100,
      p50Us: 610,
      p99Us: 1_830,
      p999Us: 5_400,
      rssBytes: 143e6,
      timesOurs: 1,
    },
    {
      peer: 'Cerbos, AuthZEN',
      note: 'says allow or not, and gives no reasons',
      atPerSecond: 500,
      checked: 412,
      cpuUs: 431,
      perSecond: 2_180,
      p50Us: 1_240,
      p99Us: 5_900,
      p999Us: 14_200,
      rssBytes: 188e6,
      timesOurs: 2.03,
    },
    {
      peer: 'Cerbos, own API',
      checked: 412,
      cpuUs: 398,
      perSecond: 2_350,
      p50Us: 1_120,
      p99Us: 5_200,
      p999Us: 12_900,
      rssBytes: 190e6,
      timesOurs: 1.88,
    },
    {
      peer: 'Zen behind Hono',
      checked: 412,
      cpuUs: 268,
      perSecond: 3_400,
      p50Us: 780,
      p99Us: 2_400,
      p999Us: 7_100,
      rssBytes: 171e6,
      timesOurs: 1.26,
    },
    {
      peer: 'json-rules-engine behind Hono',
      checked: 412,
      cpuUs: 1_950,
      perSecond: 505,
      p50Us: 3_900,
      p99Us: 9_800,
      p999Us: 21_000,
      rssBytes: 158e6,
      timesOurs: 9.2,
    },
    { peer: 'Cedar (wasm) behind Hono', cannot: 'its package is not installed' },
  ],
}

const timesAt: Readonly<Record<string, readonly number[]>> = {
  compiled: [0.021, 0.064, 0.31, 0.52],
  'index at all sizes': [0.11, 0.16, 0.31, 0.52],
  'json-logic-engine': [0.42, 3.9, 41, 430],
  'zen-engine': [14, 49, 420],
  'cedar-wasm': [51, 120, 810, 8_400],
  'json-rules-engine': [31, 290, 3_100],
}
const engineResult: EngineResult = {
  comparison: {
    contestants: [
      {
        name: 'compiled',
        p50Us: 0.042,
        p99Us: 0.058,
        timesFirst: 1,
        bytes: 0,
        decisions: 4_100_000,
      },
      {
        name: 'hand-written',
        p50Us: 0.068,
        p99Us: 0.081,
        timesFirst: 1.62,
        bytes: 64,
        decisions: 2_600_000,
      },
      { name: 'json-logic-engine', p50Us: 0.92, p99Us: 1.4, timesFirst: 21.9, decisions: 180_000 },
      { name: 'json-rules-engine', p50Us: 44, p99Us: 71, timesFirst: 1_048, decisions: 3_900 },
      { name: 'zen-engine', cannot: 'no build for this processor' },
    ],
    rounds: 25,
    checkedSignIns: 448,
  },
  growth: {
    points: Object.entries(timesAt).flatMap(([name, each]) =>
      each.map((us, index) => ({ name, size: sizes[index]!, us, decisions: 1_000 })),
    ),
    leftOut: [
      { name: 'zen-engine', size: 10_000, why: 'a round would take about 21 s' },
      { name: 'json-rules-engine', size: 10_000, why: 'a round would take about 19 s' },
    ],
    factor: 24.7,
    factorOfIndex: 4.7,
    factorOfNew: 72.4,
  },
  compiling: {
    ms: 612,
    heapBytes: 61e6,
    allocatedBytes: 402e6,
    rules: 10_000,
    mainThreadHeldUpMs: 2.1,
  },
  verdicts: [
    { row: 'faster than json-rules-engine', value: 1_048, bound: '≥ 800', unit: '×', met: true },
    {
      row: 'a decision by 10,000 rules ÷ by 10',
      value: 24.7,
      bound: '≤ 12',
      unit: '×',
      met: false,
    },
    { row: 'allocated for a decision', value: undefined, bound: '≤ 64', unit: 'B', met: false },
  ],
}
const engine: Part = { kind: 'engine', title: 'Engines in process', result: engineResult }

const targets: TargetsPart = {
  kind: 'targets',
  title: 'What the service has to reach',
  rows: [
    {
      name: 'bare-node',
      what: 'decisions vs a bare Node.js server, per CPU second',
      wanted: '≥ 0.9 ×',
      unit: '×',
      value: 0.93,
      least: 0.88,
      most: 0.97,
      rounds: 5,
      met: true,
      method: 'the same bodies in turns, server on one core and client on the other',
      figures: [
        { of: 'Portcullis', name: 'CPU', value: 62.1, unit: 'µs' },
        { name: 'bare', value: 57.8, unit: 'µs' },
      ],
    },
    {
      name: 'listeners',
      what: '2 listeners vs 1, answers a second',
      wanted: '≥ 1.6 ×',
      unit: '×',
      value: 1.38,
      least: 1.31,
      most: 1.44,
      rounds: 5,
      met: false,
      method: 'both cores shared with the client',
      figures: [],
    },
    {
      name: 'cerbos',
      what: 'CPU time of Cerbos ÷ ours',
      wanted: '≥ 8 ×',
      unit: '×',
      rounds: 0,
      cannot: 'its program is not installed',
      method: 'the same decisions',
      figures: [],
    },
  ],
}

const soak: SoakPart = {
  kind: 'soak',
  title: 'What happened meanwhile',
  memory: Array.from({ length: 60 }, (__, second) => ({
    second,
    rssBytes: 118e6 + 4e6 * Math.min(1, second / 10) + 1e5 * normal(),
  })),
  bytesPerMinute: 41_000,
  swaps: [
    { second: 2, ms: 21.4 },
    { second: 4, ms: 18.9 },
    { second: 6, ms: 30.2, failed: 'a worker thread could not compile it' },
  ],
  kills: [5, 10, 15],
  stale: 0,
  said: [{ line: 'a worker thread was lost', count: 3 }],
}

const base: BenchDocument = {
  format: 'portcullis-bench/1',
  startedAt: '2026-11-24T19:30:00.000Z',
  command: 'portcullis bench --p99 5ms',
  machine: {
    processor: 'Ordinary Processor 3.2 GHz',
    cores: 4,
    memoryBytes: 16 * 2 ** 30,
    system: 'linux 6.12 x64',
    node: 'v26.9.0',
  },
  portcullis: { version: '0.1.0', commit: '7ecc245', changed: true },
  ruleSet: { id: 'security-defaults', revision: 'sha256-3d9a71c04be2' },
  seed: 2026,
  headline:
    'This machine decides 3,000 sign-ins a second with p99 under 5 ms; the service used 212 µs of CPU a request.',
  parts: [],
  verdicts: [],
}

const verdicts: BenchDocument['verdicts'] = [
  { what: 'p99 at 3,000/s', measured: '4.62 ms', wanted: '≤ 5 ms', met: true },
  { what: 'CPU a request', measured: '+3.12% (2.41% to 3.88%)', wanted: '≤ +2%', met: false },
]

const wrong = {
  question: 'administrator from a browser, no MFA (case 17)',
  signIn: '{"user":{"roles":["globalAdministrator"]},"client":{"app":"browser"}}',
  expected: '{"outcome":"challenge","requirements":["mfa"]}',
  actual: '{"outcome":"allow"}',
}
const none = latencyOf([])
const anyLoad = (title: string, others: Partial<LoadResult>, seconds = 12): Part => ({
  kind: 'load',
  title,
  result: load(
    {
      kind: 'open',
      arrivals: 'constant',
      stages: [{ seconds, fromPerSecond: 200, toPerSecond: 200 }],
    },
    200,
    seconds,
    others,
  ),
})
const { service: _, ...silent } = load({ kind: 'closed', connections: 1 }, 900, 3)

/** By what is special about them. */
export const samples: Readonly<Record<string, BenchDocument>> = {
  everything: {
    ...base,
    parts: [capacity, open, closed, layers, comparison, peers, transport, targets, soak, engine],
    verdicts,
  },
  'one open loop': {
    ...base,
    headline: 'p99 was 1.6 ms at 1,330 requests a second.',
    parts: [open],
  },
  'nothing measured': {
    ...base,
    headline: 'Nothing was measured.',
    portcullis: { version: '0.1.0' },
  },
  'no answers': {
    ...base,
    headline: 'The service did not answer.',
    parts: [
      anyLoad('Dead service', {
        answered: 0,
        perSecond: 0,
        decisions: 0,
        statuses: {},
        latency: none,
        rawLatency: none,
        byClass: {},
        timeouts: 0,
        connectionErrors: 2_400,
        failures: { ECONNRESET: 2_400 },
        unavailable: 0,
        dropped: 0,
        series: Array.from({ length: 12 }, (_, second) => ({
          second,
          planned: 200,
          answered: 0,
          failed: 200,
          p50Us: 0,
          p99Us: 0,
          maxUs: 0,
        })),
      }),
    ],
  },
  'one second': {
    ...base,
    headline: 'Interrupted after a second.',
    parts: [anyLoad('Short', { interrupted: true }, 1)],
  },
  'one answer': {
    ...base,
    headline: 'One request was sent.',
    parts: [
      anyLoad(
        'One',
        {
          planned: 1,
          sent: 1,
          answered: 1,
          decisions: 1,
          perSecond: 1,
          timeouts: 0,
          connectionErrors: 0,
          failures: {},
          unavailable: 0,
          dropped: 0,
          statuses: { 200: 1 },
          latency: latencyOf([810]),
          rawLatency: latencyOf([790]),
          byClass: { allow: latencyOf([810]) },
          series: [],
        },
        1,
      ),
    ],
  },
  'silent service': {
    ...base,
    headline: 'The service tells nothing of itself.',
    parts: [{ kind: 'load', title: 'Silent', result: silent }],
  },
  'generator was the limit': {
    ...base,
    headline: 'The generator was the limit: no figure of the service can be named.',
    parts: [
      anyLoad('Too fast to measure', {
        generator: {
          cpuUsPerRequest: 190,
          busy: 0.97,
          eventLoopDelayP99Us: 41_000,
          late: 2_100,
          limitedBy: 'it was busy for 97% of the time',
        },
      }),
      {
        kind: 'capacity',
        title: 'Capacity',
        limit: { percentile: 'p99', us: 1_000 },
        steps: [
          { perSecond: 500, p50Us: 0, p99Us: 0, met: false, because: 'the generator was too slow' },
        ],
      },
    ],
  },
  'everything wrong': {
    ...base,
    headline: '2,400 of 2,400 answers were wrong.',
    parts: [
      anyLoad('Wrong', {
        unavailable: 14,
        shedLatency: latencyOf([90, 110, 130]),
        losses: [1_250, 8_100],
        wrong: {
          count: 2_400,
          allows: 2_400,
          examples: [wrong, { ...wrong, question: 'guest (case 3)' }],
        },
      }),
    ],
    verdicts: [{ what: 'p99', measured: '1 ms', wanted: '≤ 2 ms', met: true }],
  },
  'nobody could take part': {
    ...base,
    headline: 'No peer could take part.',
    parts: [
      {
        kind: 'peers',
        title: 'Peers',
        rows: [
          { peer: 'Cerbos', cannot: 'not installed' },
          { peer: 'Zen', cannot: 'answers differ' },
        ],
      },
      { kind: 'transport', title: 'No transports', rows: [] },
      { kind: 'targets', title: 'No targets', rows: [] },
      { kind: 'soak', title: 'No soak', memory: [], swaps: [], kills: [], stale: 0, said: [] },
      { kind: 'layers', title: 'No layers', rows: [], scaling: [] },
      {
        kind: 'comparison',
        title: 'One pair',
        a: 'a',
        b: 'b',
        pairs: 1,
        rows: [
          {
            metric: 'p50',
            unit: 'µs',
            better: 'less',
            medianA: 5,
            medianB: 5,
            change: 0,
            low: 0,
            high: 0,
            p: 1,
            verdict: '~',
          },
        ],
        values: [{ a: [5], b: [5] }],
      },
    ],
  },
  'a soak of two hours': {
    ...base,
    headline: 'Steady for two hours.',
    parts: [
      anyLoad('Soak', {
        latency: manifold(latencyOf(times(2_400, 650, 0.6, 0.002)), 3_000),
        rawLatency: manifold(latencyOf(times(2_400, 640, 0.5, 0.001)), 3_000),
        seconds: 7_200,
        warmUpSeconds: 60,
        planned: 7_200_000,
        sent: 7_200_000,
        answered: 7_199_860,
        decisions: 7_199_860,
        perSecond: 1_000,
        timeouts: 140,
        connectionErrors: 0,
        failures: {},
        unavailable: 0,
        dropped: 0,
        statuses: { 200: 7_199_860 },
        series: Array.from({ length: 7_200 }, (_, second) => ({
          second,
          planned: 1_000,
          answered: second % 1_000 === 999 ? 940 : 1_000 - random.below(4),
          failed: second % 1_000 === 999 ? 20 : 0,
          p50Us: 600 + second / 40 + 30 * normal(),
          p99Us: 1_700 + second / 8 + 200 * Math.abs(normal()),
          maxUs: 9_000,
        })),
      }),
    ],
  },
}

const chosenNotWritten = new Set([
  'format',
  'kind',
  'arrivals',
  'percentile',
  'better',
  'verdict',
  'startedAt',
])

/** The document with `text` for every string that could come from outside, statuses' names included. */
export function withStrings(document: BenchDocument, text: string): BenchDocument {
  const changed = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') return chosenNotWritten.has(name) ? value : text
    if (Array.isArray(value)) return value.map((each) => changed(each, name))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        name === 'statuses' ? `${text}${key}` : key,
        changed(each, key),
      ]),
    )
  }
  return changed(document, '') as BenchDocument
}

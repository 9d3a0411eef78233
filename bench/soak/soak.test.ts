import { expect, test } from 'vitest'
import { shippedPacks } from '../../property-tests/packs.ts'
import { drive } from '../load/drive.ts'
import { portcullis } from '../load/portcullis.ts'
import type { LoadResult } from '../load/result.ts'
import { stubWorkload } from '../load/stub.ts'
import { anyWorkload, simulated, unwatched } from '../runs/simulated.ts'
import { mixed } from './mix.ts'
import { bytesPerMinute } from './slope.ts'
import { soak, soakWorkload } from './soak.ts'
import { explainedLosses, soakVerdicts } from './verdicts.ts'

const packs = shippedPacks.map(({ pack }) => pack)
const workload = soakWorkload(packs, 1, 0.01)
const revisions = packs.map(({ ruleSet }) => ruleSet.revision)

test('of the requests one in a hundred is malformed and one in fifty a batch, evenly', () => {
  const kinds = workload.order.map((place) => {
    const { form, expected } = workload.questions[place]!
    return form === 'batch'
      ? 'batch'
      : expected[revisions[0]!]![0]!.outcome === 'refused'
        ? 'malformed'
        : 'single'
  })
  for (const part of [kinds.slice(0, 1_000), kinds.slice(-1_000)]) {
    expect(part.filter((kind) => kind === 'malformed')).toHaveLength(10)
    expect(part.filter((kind) => kind === 'batch')).toHaveLength(20)
  }
})

test('a mix without malformed requests has none', () => {
  const [singles, batches, malformed] = ['single', 'batch', 'bad'].map((name) => ({
    ...stubWorkload(1),
    questions: stubWorkload(1).questions.map((question) => ({ ...question, name })),
  }))
  const { questions, order } = mixed(
    { singles: singles!, batches: batches!, malformed: malformed! },
    { batches: 0.5, malformed: 0 },
  )
  const names = order.map((place) => questions[place]!.name)
  expect(new Set(names)).toEqual(new Set(['single', 'batch']))
  expect(names.filter((name) => name === 'batch')).toHaveLength(names.length / 2)
})

test('each revision has its own right answers, and an answer has to be that of the revision it names', () => {
  const differing = workload.questions.find(({ form, expected }) => {
    const [first, second] = revisions.map((revision) => expected[revision]![0]!)
    return form === 'single' && first!.outcome === 'allow' && second!.outcome === 'challenge'
  })!
  const [allowed, challenged] = revisions.map((revision) => {
    const right = differing.expected[revision]![0]!
    return right.outcome === 'refused' ? '' : right.json
  })
  const { judge } = portcullis.prepare(differing)
  const said = (json: string) =>
    judge(
      200,
      Buffer.from(
        `{"decisionId":"00000000-0000-4000-8000-000000000000","evaluatedAt":"2026-01-01T00:00:00.000Z",${json.slice(1)}`,
      ),
    )
  expect(said(allowed!)).toBe('right')
  expect(said(challenged!)).toBe('right')
  const stolen = allowed!.replace(revisions[0]!, revisions[1]!)
  expect(stolen).not.toBe(allowed)
  expect(said(stolen)).toMatchObject({ actual: expect.stringContaining('allow') as string })
})

test.each<[string, number[], number[], number, number]>([
  ['with the thread that held it', [1_010], [10_001_000], 2, 1],
  ['a little before its end was told of', [950], [10_001_000], 2, 1],
  ['long after', [1_600], [10_001_000], 2, 0],
  ['where one thread listens, which is never ended', [1_010], [10_001_000], 1, 0],
  ['each once', [1_010, 1_020, 5_000], [10_001_000, 10_001_010], 2, 2],
])('a loss is explained %s', (_, losses, kills, listeners, explained) =>
  expect(explainedLosses({ losses, fromMs: 10_000_000 }, kills, listeners)).toBe(explained),
)

const result: LoadResult = await simulated({ perSecond: 1_000 })(
  {
    target: { url: 'http://127.0.0.1:1', protocol: 'portcullis' },
    workload: anyWorkload,
    loop: { kind: 'closed', connections: 1 },
    seconds: 1,
    warmUpSeconds: 0,
    timeoutMs: 1_000,
    mostConnections: 1,
    mostRequests: 1e6,
  },
  unwatched(),
)

test.each([
  ['nothing', {}, []],
  [
    'an allow that is none',
    { wrong: { count: 1, allows: 1, examples: [] } },
    ['answers that allow'],
  ],
  ['a loss', { connectionErrors: 1 }, ['requests that got no answer']],
  ['a timeout', { timeouts: 1 }, ['requests that got no answer']],
  ['losses with threads', { connectionErrors: 2, explained: 2 }, []],
  [
    'more losses than those',
    { connectionErrors: 3, explained: 2 },
    ['requests that got no answer'],
  ],
  ['503', { unavailable: 9, statuses: { 503: 9 } }, []],
  ['a stale answer', { stale: 1 }, ['answers by the rule set before']],
  ['an end', { ended: 'the service ended' }, ['the service stays up']],
  ['silence', { answered: 0 }, ['something was answered']],
])('a soak is broken by what it should: %s', (_, changes, broken) => {
  const {
    explained = 0,
    stale = 0,
    ended,
    ...others
  } = changes as Partial<LoadResult> & {
    explained?: number
    stale?: number
    ended?: string
  }
  const verdicts = soakVerdicts({
    result: { ...result, ...others },
    explained,
    stale,
    ...(ended !== undefined && { ended }),
  })
  expect(verdicts.filter(({ met }) => !met).map(({ what }) => what)).toEqual(
    broken.map((each) => expect.stringContaining(each) as string),
  )
})

test('memory is a line through what was seen after the warm-up', () => {
  const seen = Array.from({ length: 120 }, (_, second) => ({
    second,
    rssBytes: second < 20 ? second * 1e6 : 20e6 + (second - 20) * 1_000,
  }))
  expect(bytesPerMinute(seen, 20)).toBeCloseTo(60_000, 3)
  expect(bytesPerMinute(seen, 115)).toBeUndefined()
})

test('a service that swaps its rule sets and loses threads answers all rightly', async () => {
  const [one, other] = shippedPacks.map(({ name, pack }) => ({ from: name, pack }))
  const plan = {
    seconds: 3,
    load: 1,
    perSecond: 150,
    swapEverySeconds: 0.7,
    killEverySeconds: 1.1,
    malformed: 0.05,
    flags: { threads: '1' },
  }
  const { parts, verdicts } = await soak([one!, other!], { seed: 1, drive, plan }, unwatched())
  const [load, happened] = parts
  if (load?.kind !== 'load' || happened?.kind !== 'soak') throw new TypeError('other parts')
  expect(load.result.wrong).toEqual({ count: 0, examples: [] })
  expect(load.result.byClass.refused!.count).toBeGreaterThan(0)
  expect(load.result.byClass.many!.count).toBeGreaterThan(0)
  expect(happened.swaps.length).toBeGreaterThan(0)
  expect(happened.kills.length).toBeGreaterThan(0)
  expect(verdicts.filter(({ met }) => !met)).toEqual([])
}, 60_000)

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { faultText, parsePack, type Pack } from '../../engine/index.ts'
import { packFolder, packNames, readPack } from '../../rules/index.ts'
import { rulesOfTenant } from '../engine/tenant.ts'
import type { Workload } from '../load/workload.ts'
import { askOpen, steady, type Watch } from '../runs/asking.ts'
import type { Ground } from './ground.ts'
import { median } from '../statistics.ts'
import type { Found, Target } from './target.ts'
import { sampleOf } from './turns.ts'
import { casesOf } from './workloads.ts'

const method =
  'one member of one rule is changed in a copy of the pack, so that a revision decides each time that never did, and what it promises is proved anew; from asking POST /v1/rule-set/reload to its answer, by when it decides everywhere; files are left alone for as long as a reload waits for that first; the first reload of a service, which starts its thread, is shown apart'

export const reloadTarget: Target = {
  name: 'reload-packs',
  what: 'a reload of a shipped pack, the slowest of them',
  atMost: 150,
  unit: 'ms',
  method,
}

export const manyTarget: Target = {
  name: 'reload-10000',
  what: 'a reload of 10,000 rules',
  atMost: 3_000,
  unit: 'ms',
  method: `${method}; rules as a large tenant would have them`,
}

export const meanwhileTarget: Target = {
  name: 'reload-p99',
  what: 'p99 of decisions while the pack that decides is reloaded once a second, vs left alone',
  atMost: 1.1,
  unit: '×',
  method:
    'the same service asked at 1,000 a second (Poisson) from when requests were due, with reloads and without in turns, forth and back; all cores shared with the client; each answer compared with that of the revision it names',
}

/** Nobody has touched its files for so long that a reload does not wait for more of them. */
const settledMs = 150

/** A copy of a pack of which a revision can be made that never was. */
type Copy = {
  readonly folder: string
  readonly change: () => void
  /** As it is, and as it will be after so many changes. */
  readonly packs: (changes: number) => readonly Pack[]
}

export const reloadShipped = (ground: Ground): Promise<Found> =>
  inScratch(async (scratch) => {
    type Times = { readonly first: number; readonly later: number[] }
    const found: (Times & { readonly name: string; readonly unproved: number[] })[] = []
    for (const name of packNames()) {
      if (ground.watch.signal.aborted) break
      const { files } = readPack(packFolder(name)!)
      const copy = copyOf(scratch, name, files)
      const times = await reloadTimes(ground, copy, `reload-packs: ${name}`)
      const without = await reloadTimes(ground, copy, `reload-packs: ${name}, no proofs`, [
        '--proof',
        'off',
      ])
      if (times && without) found.push({ name, ...times, unproved: without.later })
    }
    const rounds = Math.min(...found.map(({ later }) => later.length))
    return {
      rounds: Array.from({ length: found.length > 0 ? rounds : 0 }, (_, round) =>
        Math.max(...found.map(({ later }) => later[round]!)),
      ),
      figures: found.flatMap(({ name, first, later, unproved }) => [
        { of: name, name: 'a reload', rounds: later, unit: 'ms' },
        { of: name, name: 'with --proof off', rounds: unproved, unit: 'ms' },
        { of: name, name: 'the first', rounds: [first], unit: 'ms' },
      ]),
    }
  })

export const reloadMany = (ground: Ground): Promise<Found> =>
  inScratch(async (scratch) => {
    ground.watch.progress('reload-10000: writing the rules')
    const times = await reloadTimes(
      ground,
      copyOf(scratch, 'tenant', tenantFiles(10_000)),
      'reload-10000',
    )
    return times === undefined
      ? { rounds: [], figures: [] }
      : { rounds: times.later, figures: [{ name: 'the first', rounds: [times.first], unit: 'ms' }] }
  })

export const reloadMeanwhile = (ground: Ground): Promise<Found> =>
  inScratch(async (scratch) => {
    const { name, files } = readPack(packFolder('security-defaults-current')!)
    const copy = copyOf(scratch, name, files)
    const changes = (ground.rounds + 1) * (seconds + 3) // one a second, also while the client starts and warms up
    const workload = all(copy.packs(changes).map((pack) => casesOf(pack, ground.seed)))
    const { url, pid, stop } = await ground.startService({ pack: copy.folder })
    const asking = {
      drive: ground.drive,
      target: { url, pid, protocol: 'portcullis' as const },
      workload,
    }
    const quiet: Watch = { signal: ground.watch.signal, progress: () => undefined }
    const [calm, reloading, ms]: [number[], number[], number[]] = [[], [], []]

    async function p99(): Promise<number> {
      const result = await askOpen(asking, steady(perSecond, seconds), quiet, {
        warmUpSeconds: 0.5,
      })
      return sampleOf('Portcullis', result).p99Us / 1_000
    }
    async function p99Meanwhile(): Promise<number> {
      const over = new AbortController()
      const reloads = (async () => {
        while (!over.signal.aborted) {
          copy.change()
          await sleep(settledMs)
          ms.push(await reload(url))
          await sleep(1_000 - settledMs)
        }
      })()
      reloads.catch(() => undefined) // it is awaited once the run is over
      try {
        return await p99()
      } finally {
        over.abort()
        await reloads
      }
    }
    try {
      await p99() // warms up
      await p99Meanwhile()
      ms.length = 0
      for (let round = 0; round < ground.rounds && !ground.watch.signal.aborted; round++) {
        ground.watch.progress(`reload-p99: round ${round + 1} of ${ground.rounds}`)
        const turns = [
          async () => void calm.push(await p99()),
          async () => void reloading.push(await p99Meanwhile()),
        ]
        for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
      }
    } catch (error) {
      if (!ground.watch.signal.aborted) throw error
    } finally {
      await stop()
    }
    const whole = Math.min(calm.length, reloading.length)
    return {
      rounds: reloading.slice(0, whole).map((each, round) => each / calm[round]!),
      figures: [
        { name: 'p99 with reloads', rounds: reloading, unit: 'ms' },
        { name: 'without', rounds: calm, unit: 'ms' },
        { name: 'a reload meanwhile', rounds: ms.length > 0 ? [median(ms)] : [], unit: 'ms' },
      ],
    }
  })

const [perSecond, seconds] = [1_000, 4]

/** Of a service that does nothing else; undefined where it was ended before the first. */
async function reloadTimes(
  ground: Ground,
  { folder, change }: Copy,
  what: string,
  args: readonly string[] = [],
): Promise<{ readonly first: number; readonly later: number[] } | undefined> {
  const { url, stop } = await ground.startService({ pack: folder, args })
  const all: number[] = []
  try {
    for (let round = 0; round <= ground.rounds && !ground.watch.signal.aborted; round++) {
      ground.watch.progress(`${what}, round ${round} of ${ground.rounds}`)
      change()
      await sleep(settledMs)
      all.push(await reload(url))
    }
  } finally {
    await stop()
  }
  const [first, ...later] = all
  return first === undefined ? undefined : { first, later }
}

/** Milliseconds until another revision decides. */
async function reload(url: string): Promise<number> {
  const from = performance.now()
  const answer = await fetch(`${url}/v1/rule-set/reload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  const told = (await answer.json()) as { readonly changed?: boolean }
  const ms = performance.now() - from
  if (told.changed !== true)
    throw new Error(
      `expected another revision to decide, got ${answer.status} ${JSON.stringify(told)}`,
    )
  return ms
}

type RuleFile = {
  readonly event: { readonly type: string; readonly params: Readonly<Record<string, unknown>> }
}

function copyOf(scratch: string, name: string, files: Readonly<Record<string, string>>): Copy {
  const folder = join(scratch, name)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const rule = Object.keys(files).find(
    (path) => path.startsWith('rules/') && ruleIn(files[path]!).event.type !== 'advise',
  )!
  const { event, ...rest } = ruleIn(files[rule]!)
  const after = (change: number) => {
    const params = { ...event.params, aadsts: 50_000 + change }
    return JSON.stringify({ ...rest, event: { ...event, params } }, null, 2)
  }
  const write = (text: string) => writeFileSync(join(folder, rule), text)
  let changes = 0
  return {
    folder,
    change: () => write(after(changes++)),
    packs(count) {
      const texts = [files[rule]!, ...Array.from({ length: count }, (_, change) => after(change))]
      return texts.toReversed().map((text) => {
        write(text)
        const pack = parsePack(readPack(folder))
        if (pack.faults) throw new Error(pack.faults.map(faultText).join('\n'))
        return pack
      })
    },
  }
}

const ruleIn = (text: string) => JSON.parse(text) as RuleFile

/** The same questions, with the answers of each revision. */
function all(workloads: readonly Workload[]): Workload {
  const [first, ...others] = workloads
  return {
    ...first!,
    questions: first!.questions.map((question, index) => ({
      ...question,
      expected: Object.assign(
        {},
        question.expected,
        ...others.map(({ questions }) => questions[index]!.expected),
      ) as typeof question.expected,
    })),
  }
}

function tenantFiles(count: number): Readonly<Record<string, string>> {
  const { rules, conditions } = rulesOfTenant(count)
  const manifest = {
    id: 'tenant',
    title: 'A large tenant',
    description: 'Made for measuring: rules as a large tenant would have them.',
    controls: { protectTheTenant: 'Protect the tenant' },
    sources: { bench: { title: 'portcullis bench service', date: '2026' } },
  }
  return Object.fromEntries(
    [
      ['pack.json', manifest] as const,
      ['conditions.json', conditions] as const,
      ...rules.map((rule) => [`rules/${rule.name}.json`, rule] as const),
    ].map(([path, value]) => [path, JSON.stringify(value, null, 2)]),
  )
}

async function inScratch(measure: (scratch: string) => Promise<Found>): Promise<Found> {
  const scratch = mkdtempSync(join(tmpdir(), 'portcullis-reload-'))
  try {
    return await measure(scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

import { bearerOf, textOf, withTarget, workload, type Asked } from './asked.ts'
import { faultText, parsePack } from '../engine/index.ts'
import { packFolder, packNames, readPack } from '../rules/index.ts'
import { drive } from './load/drive.ts'
import { startService } from './load/service.ts'
import { measureTruth } from './load/truth.ts'
import type { BenchDocument, Part, TargetsPart, Verdict } from './report/document.ts'
import { readDocument } from './report/json.ts'
import { againstEarlier } from './runs/against.ts'
import type { Asking, Watch } from './runs/asking.ts'
import { compare, usualPlan } from './runs/compare.ts'
import { leastPairs } from './runs/compared.ts'
import { apart } from './runs/cores.ts'
import { facts } from './runs/facts.ts'
import { measureLayers, usualLayers } from './runs/layers/layers.ts'
import { Misuse } from './runs/misuse.ts'
import { overload, overloadFound } from './runs/overload.ts'
import { measureScaling } from './runs/scaling.ts'
import { askShaped } from './runs/shaped.ts'
import type { ShapeName } from './runs/shapes.ts'
import { sidesOf } from './runs/sides.ts'
import { size, sizingPlans } from './runs/sizing.ts'
import { loadsOf, thresholdVerdicts, type Thresholds } from './runs/thresholds.ts'
import type { SoakPlan } from './soak/soak.ts'
import { rounded } from './table.ts'

/** What was found, before it is known what it was found on. */
type Found = {
  readonly parts: readonly Part[]
  readonly headline: string
  readonly verdicts?: readonly Verdict[]
}

export type Limits = Thresholds & {
  /** A file of an earlier run, and by which share of 1 figures may be worse than in it. */
  readonly against?: string
  readonly threshold: number
}

/** Each measures something, and gives the document that all reports are made of. A `Misuse` says what was asked for wrongly. */
export const benchmarks = {
  /** Sizes a service: what it can take, how soon it answers at half of that, and what it costs. */
  size: (
    asked: Asked,
    { quick, limitUs }: { readonly quick: boolean; readonly limitUs: number },
    watch: Watch,
  ) =>
    withTarget(asked, (asking) =>
      size(asking, limitUs, sizingPlans[quick ? 'quick' : 'full'], watch),
    ),

  /** Asks at the rates of a shape; where no rate is given, at what a quick search finds it can take. */
  load: (asked: Asked, options: LoadOptions, watch: Watch) =>
    withTarget(asked, (asking) => loaded(asking, options, watch)),

  /** From the engine to HTTP beside bare servers, and what more worker threads bring. */
  layers: async (
    asked: Asked,
    { rounds = usualLayers.rounds }: { readonly rounds?: number },
    watch: Watch,
  ): Promise<Found> => {
    const cores = apart()
    const ground = {
      drive,
      startService,
      pack: asked.from,
      ruleSet: asked.pack.ruleSet,
      workload: workload(asked),
      ...usualLayers,
      ...(cores && { cores }),
    }
    const layers = await measureLayers(ground, rounds, watch)
    const scaling = watch.signal.aborted ? [] : await measureScaling(ground, 3, watch)
    return { parts: [{ ...layers, scaling }], headline: layersText(layers) }
  },

  /** The same decisions by other decision points over HTTP. */
  peers: async (
    { pack, from, seed }: Asked,
    options: { readonly rounds?: number },
    watch: Watch,
  ): Promise<Found> => {
    const { measurePeers } = await import('./peers/measure-peers.ts')
    const peers = await measurePeers({ pack, from }, { seed, ...options }, watch)
    const entered = peers.rows.filter(({ cannot }) => cannot === undefined).length
    return {
      parts: [peers],
      headline: `${entered} of ${peers.rows.length} decision points measured side by side, their answers compared first`,
    }
  },

  /** Ways to bring questions to another thread and their answers back. */
  transport: async (
    asked: Asked,
    options: { readonly rounds?: number },
    watch: Watch,
  ): Promise<Found> => {
    const { transports } = await import('./transport/transports.ts')
    const { ruleSet, cases } = asked.pack
    // of ASCII, since some contenders make texts of bytes one by one
    const bodies = cases
      .map(({ signIn }) => Buffer.from(JSON.stringify(signIn)))
      .filter((body) => body.every((byte) => byte < 0x80))
    if (bodies.length === 0)
      throw new Misuse(`the pack ${asked.from} has no case in ASCII to be asked`)
    const rows = await transports(ruleSet, bodies, options, watch)
    const [least] = rows.toSorted((a, b) => a.askingUs - b.askingUs)
    return {
      parts: [{ kind: 'transport', title: 'Ways to another thread and back', rows }],
      headline: least
        ? `${least.contender} costs the asking thread least: ${rounded(least.askingUs)} µs a decision, ${least.together} together`
        : 'ended before one round was over',
    }
  },

  /** Two services, packs or revisions of Portcullis, pair by pair. */
  compare: async (
    asked: Asked,
    [a, b]: readonly [string, string],
    plan: { readonly pairs?: number; readonly seconds?: number },
    watch: Watch,
  ): Promise<Found> => {
    if (plan.pairs !== undefined && plan.pairs < leastPairs)
      throw new Misuse(`--pairs: expected at least ${leastPairs}, got ${plan.pairs}`)
    const { sides, dispose } = await sidesOf(a, b, {
      startService,
      pack: asked.from,
      workloadOf: (pack) => workload({ ...asked, pack }),
      iOwnThisHost: asked.iOwnThisHost,
      ...(asked.tokenFile !== undefined && { headers: bearerOf(asked.tokenFile) }),
    })
    const cores = apart()
    try {
      const { part, verdicts, headline } = await compare(
        drive,
        sides,
        { ...usualPlan, ...plan, ...(cores && { cores }) },
        watch,
      )
      return { parts: [part], verdicts, headline }
    } finally {
      await dispose()
    }
  },

  /** Whether the generator tells the truth, of a server whose behaviour is known. */
  truth: async (_: Asked, seconds: number, { signal, progress }: Watch): Promise<Found> => {
    const rows = await measureTruth({ seconds, signal, progress })
    const verdicts = rows.map(
      ({ behaviour, loop, perSecond, figure, truth, ours, autocannon, met, limitedBy }) => ({
        what: `${behaviour}, ${perSecond} a second, ${loop} loop: ${figure}`,
        measured: `${shown(ours)}${limitedBy === undefined ? '' : ' (says that it was the limit)'}`,
        wanted: `${shown(truth)} (autocannon: ${shown(autocannon.said)} of ${shown(autocannon.truth)})`,
        met,
      }),
    )
    const met = verdicts.filter((each) => each.met).length
    return {
      parts: [],
      headline: `${met} of ${verdicts.length} figures are as a server of known behaviour says, within 2%; times in ms`,
      verdicts,
    }
  },

  /** The targets of the decision path. */
  service: async (
    { pack, from, seed }: Asked,
    { rounds, only = [] }: { readonly rounds?: number; readonly only?: readonly string[] },
    watch: Watch,
  ): Promise<Found> => {
    const { measureService, usualRounds } = await import('./service/measure-service.ts')
    const cores = apart()
    const ground = {
      drive,
      startService,
      source: { pack, from },
      seed,
      rounds: rounds ?? usualRounds,
      ...(cores && { cores }),
      watch,
    }
    const part = await measureService(ground, only)
    return targetsFound(part, 'of the decision path')
  },

  /** The targets of the prover. */
  verify: async (
    { seed }: Asked,
    { rounds, only = [] }: { readonly rounds?: number; readonly only?: readonly string[] },
    watch: Watch,
  ): Promise<Found> => {
    const { measureVerify, usualRounds } = await import('./verify/measure-verify.ts')
    const part = await measureVerify({ seed, rounds: rounds ?? usualRounds, watch }, only)
    return targetsFound(part, 'of the prover')
  },

  /** Several times as much as the service can take. */
  overload: async (
    asked: Asked,
    plan: { readonly times: number; readonly seconds: number; readonly perSecond?: number },
    watch: Watch,
  ): Promise<Found> => {
    const cores = apart()
    return withTarget(
      asked,
      async (asking) => {
        const found = await overload(asking, { ...plan, recoverySeconds: 15 }, watch)
        return overloadFound(found, plan.times)
      },
      cores,
    )
  },

  /** A service at work for long, whose rule sets are swapped and whose threads are ended meanwhile. */
  soak: async ({ pack, from, seed }: Asked, plan: SoakPlan, watch: Watch): Promise<Found> => {
    const { soak } = await import('./soak/soak.ts')
    const second = packNames().find((name) => name !== from && name !== pack.ruleSet.id)!
    const other = parsePack(readPack(packFolder(second)!))
    if (other.faults) throw new Error(other.faults.map(faultText).join('\n'))
    const packs = [
      { from, pack },
      { from: second, pack: other },
    ] as const
    return soak(packs, { seed, drive, plan }, watch)
  },

  /** Engines in process. */
  engine: async ({ pack }: Asked, watch: Watch): Promise<Found> => {
    const { benchEngine } = await import('./engine/engine.ts').catch(notInstalled)
    const result = await benchEngine(pack, watch.progress)
    const { verdicts, comparison } = result
    const met = verdicts.filter((each) => each.met).length
    return {
      parts: [{ kind: 'engine', title: 'Engines in process', result }],
      headline: `a decision takes ${comparison.contestants[0]?.p50Us?.toPrecision(3) ?? '–'} µs; ${met} of ${verdicts.length} targets met`,
      verdicts: verdicts.map(({ row, value, bound, unit, met }) => ({
        what: row,
        measured: value === undefined ? 'not measured' : `${rounded(value)} ${unit}`,
        wanted: `${bound} ${unit}`,
        met,
      })),
    }
  },
} as const

function targetsFound(part: TargetsPart, whose: string): Found {
  const judged = part.rows.filter(({ met }) => met !== undefined)
  const short = judged.filter(({ met }) => !met).map(({ name }) => name)
  return {
    parts: [part],
    headline: `${judged.length - short.length} of ${judged.length} targets ${whose} met${short.length === 0 ? '' : `; ${short.join(', ')} ${short.length === 1 ? 'falls' : 'fall'} short`}`,
    verdicts: judged.map(({ what, wanted, value, unit, met, cannot }) => ({
      what,
      measured: value === undefined ? `not measured: ${cannot}` : `${rounded(value)} ${unit}`,
      wanted,
      met: met === true,
    })),
  }
}

export type LoadOptions = {
  readonly shape: ShapeName
  readonly perSecond?: number
  readonly length: number
  readonly limitUs: number
}

async function loaded(asking: Asking, options: LoadOptions, watch: Watch): Promise<Found> {
  if (options.perSecond !== undefined)
    return askShaped(asking, { ...options, perSecond: options.perSecond }, watch)
  const found = await size(
    asking,
    options.limitUs,
    { ...sizingPlans.quick, connections: [64] },
    watch,
  )
  const capacity = found.parts.find((part) => part.kind === 'capacity')
  const perSecond = capacity?.perSecond ?? capacity?.confirmation?.perSecond
  if (perSecond === undefined || watch.signal.aborted) return found
  const shaped = await askShaped(asking, { ...options, perSecond }, watch)
  return { ...shaped, parts: [...(capacity ? [capacity] : []), ...shaped.parts] }
}

const shown = (value: number): string => String(Number(value.toPrecision(4)))

function layersText({
  rows,
}: {
  readonly rows: readonly { layer: string; cpuUs: number }[]
}): string {
  const [first] = rows
  const http = rows.find(({ layer }) => layer === 'over HTTP')
  return first && http
    ? `a decision costs ${first.cpuUs.toPrecision(3)} µs of CPU by itself, and ${http.cpuUs.toPrecision(3)} over HTTP`
    : 'ended before all layers were measured'
}

/** Runs one of them, and says on what, when, and whether it is as it should be. */
export async function benchDocument(
  {
    asked,
    command,
    limits,
    signal,
  }: {
    readonly asked: Asked
    readonly command: string
    readonly limits: Limits
    readonly signal: AbortSignal
  },
  run: () => Promise<Found>,
): Promise<BenchDocument> {
  const earlier =
    limits.against === undefined ? undefined : earlierRun(textOf(limits.against), limits.against)
  const startedAt = new Date().toISOString()
  const { parts, headline, verdicts = [] } = await run()
  const { id, revision } = asked.pack.ruleSet
  const wrong = loadsOf(parts).reduce((sum, { result }) => sum + result.wrong.count, 0)
  const ended = {
    what: 'measured to the end',
    measured: 'ended early',
    wanted: 'the end',
    met: false,
  }
  const document = {
    format: 'portcullis-bench/1',
    startedAt,
    command,
    ...facts(),
    ruleSet: { id, revision },
    seed: asked.seed,
    headline: wrong > 0 ? `${wrong} wrong answers; ${headline}` : headline,
    parts,
    verdicts: [
      ...(signal.aborted ? [ended] : []),
      ...verdicts,
      ...thresholdVerdicts(parts, limits),
    ],
  } as const
  return earlier === undefined
    ? document
    : {
        ...document,
        verdicts: [...document.verdicts, ...againstEarlier(document, earlier, limits.threshold)],
      }
}

function earlierRun(text: string, file: string): BenchDocument {
  try {
    return readDocument(text, file)
  } catch (error) {
    throw new Misuse((error as Error).message)
  }
}

/** The engines compared are no dependencies of the package: who only runs the service should not have to install them. */
function notInstalled(error: unknown): never {
  const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
  const [, name] = missing ? (/package '([^']+)'/.exec(error.message) ?? []) : []
  if (name === undefined) throw error
  throw new Misuse(
    `expected ${name}, an engine to compare with, got none: engines are compared in a clone of Portcullis, after npm ci`,
  )
}

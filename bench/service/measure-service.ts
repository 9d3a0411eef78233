import type { TargetsPart } from '../report/document.ts'
import { Misuse } from '../runs/misuse.ts'
import type { Ground } from './ground.ts'
import { besideTargets } from './beside.ts'
import { heavyPack, type HeavyPack } from './heavy-pack.ts'
import { flatMemory, flatTarget, idleMemory, idleTarget } from './memory.ts'
import { operatedTargets } from './operated.ts'
import { autoTargets, listenerTargets, pooledTargets } from './pool-modes.ts'
import {
  manyTarget,
  meanwhileTarget,
  reloadMany,
  reloadMeanwhile,
  reloadShipped,
  reloadTarget,
} from './reload.ts'
import { sideBySide } from './side-by-side.ts'
import { startTarget, startTimes } from './start.ts'
import { streamMemory, streamTarget } from './stream.ts'
import { isAsked, rowOf, type Found, type Target } from './target.ts'
import { takeTurns } from './turns.ts'
import { halfP99, halfTarget, overloadP99, overloadTarget } from './under-load.ts'

/** Measured in turns with each other, group by group. */
const groups = [
  sideBySide,
  [...pooledTargets, ...autoTargets],
  listenerTargets,
  operatedTargets,
  besideTargets,
]
/** Measured each for itself. */
const alone: readonly (readonly [Target, (ground: Ground) => Promise<Found>])[] = [
  [streamTarget, streamMemory],
  [halfTarget, halfP99],
  [overloadTarget, overloadP99],
  [startTarget, startTimes],
  [idleTarget, idleMemory],
  [flatTarget, flatMemory],
  [reloadTarget, reloadShipped],
  [manyTarget, reloadMany],
  [meanwhileTarget, reloadMeanwhile],
]

export const targets: readonly Target[] = [...groups.flat(), ...alone.map(([target]) => target)]

export const usualRounds = 5
const heavyUs = 200

/**
 * The targets of the decision path, with what is measured of them; all in some ten minutes. An end by the signal gives what was
 * measured until then. Throws a `Misuse` where a row is asked for that there is not.
 */
export async function measureService(
  asked: Omit<Ground, 'heavy'>,
  only: readonly string[],
): Promise<TargetsPart> {
  for (const name of only)
    if (!targets.some((target) => isAsked(target, [name])))
      throw new Misuse(
        `--only: expected one of ${targets.map((target) => target.name).join(', ')}, or how several begin, such as auto; got ${JSON.stringify(name)}`,
      )
  let made: HeavyPack | undefined
  const ground: Ground = {
    ...asked,
    heavy: async () => (made ??= heavyPack(heavyUs, asked.watch.progress)),
  }
  const found = new Map<Target, Found | Error>()
  try {
    for (const group of groups) {
      const wanted = group.filter((target) => isAsked(target, only))
      if (wanted.length === 0 || asked.watch.signal.aborted) continue
      const results = await takeTurns(wanted, ground)
      for (const [at, target] of wanted.entries()) found.set(target, results[at]!)
    }
    for (const [target, measure] of alone) {
      if (!isAsked(target, only) || asked.watch.signal.aborted) continue
      found.set(
        target,
        await measure(ground).catch((error: unknown) =>
          asked.watch.signal.aborted ? nothing : (error as Error),
        ),
      )
    }
  } finally {
    made?.dispose()
  }
  const heavy =
    made === undefined
      ? ''
      : `; the heavy pack has ${made.pack.ruleSet.rules.length} rules, and a decision by it costs ${Math.round(made.us)} µs here`
  return {
    kind: 'targets',
    title: `What the decision path has to reach: ${asked.rounds} rounds${heavy}`,
    rows: targets
      .filter((target) => isAsked(target, only))
      .map((target) => rowOf(target, found.get(target) ?? nothing)),
  }
}

const nothing: Found = { rounds: [], figures: [] }

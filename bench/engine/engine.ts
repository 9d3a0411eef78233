import type { Pack } from '../../engine/index.ts'
import { compareContestants, type Comparison } from './comparison.ts'
import { measureCompiling, type CompileTime } from './compile-time.ts'
import type { Contestant } from './contestant.ts'
import { cedar } from './contestants/cedar.ts'
import { byIndex, compiled, traced } from './contestants/compiled.ts'
import { handWritten } from './contestants/hand-written.ts'
import { jsonLogic } from './contestants/json-logic.ts'
import { jsonRulesEngine } from './contestants/json-rules-engine.ts'
import { zen } from './contestants/zen.ts'
import { measureGrowth, sizes, type Growth } from './growth.ts'
import { randomFrom } from '../random.ts'
import { verdicts, type Verdict } from './targets.ts'

export type EngineFigures = {
  readonly comparison: Comparison
  readonly growth: Growth
  readonly compiling: CompileTime
}

export type EngineResult = EngineFigures & { readonly verdicts: readonly Verdict[] }

const others: readonly Contestant[] = [jsonLogic, zen, cedar, jsonRulesEngine]

/** Compares engines on a pack, then on rule sets that grow. Throws where two of them decide differently. */
export async function benchEngine(
  pack: Pack,
  progress: (text: string) => void,
): Promise<EngineResult> {
  const random = randomFrom(2026)
  const own = [compiled, ...(pack.ruleSet.id === 'security-defaults' ? [handWritten] : []), traced]
  const comparison = await compareContestants(
    pack,
    [...own, ...others],
    (contestant) => own.some(({ name }) => name === contestant),
    { rounds: 25, shareMs: 4, budgetMs: 12_000, random, progress },
  )
  progress('compiling in a thread')
  const compiling = await measureCompiling(sizes.at(-1)!)
  const growth = await measureGrowth([compiled, byIndex, ...others], {
    rounds: 9,
    shareMs: 10,
    budgetMs: 6_000,
    random,
    progress,
  })
  const figures = { comparison, growth, compiling }
  return { ...figures, verdicts: verdicts(figures) }
}

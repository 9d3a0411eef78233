import { factsDigest, prover, usualBudget, verdictShower, type Pack } from '../engine/index.ts'
import { packNames } from '../rules/index.ts'
import { exit, UsageError, type Io } from './io.ts'
import { loadPack } from './load-pack.ts'
import { formats, type Format } from './verify/formats.ts'
import { counted, type PackReport, type Verified } from './verify/report.ts'

export type VerifyFlags = {
  readonly json?: boolean
  readonly format?: Format
  readonly budget?: string
}

/** `portcullis verify`: proves what packs promise, for all sign-ins, or shows the nearest one that breaks it. */
export async function verifyCommand(
  packs: readonly string[],
  flags: VerifyFlags,
  io: Io,
): Promise<number> {
  const budget = budgetOf(flags)
  const format = formats[flags.json ? 'json' : (flags.format ?? 'human')]
  const reports: PackReport[] = []
  for (const name of packs.length > 0 ? packs : packNames()) {
    const pack = loadPack(name)
    reports.push(
      pack.faults ? { pack: name, faults: pack.faults } : await verified(pack, budget, io),
    )
  }
  io.out(format(reports, io))
  return Math.max(...reports.map(exitCode))
}

async function verified(pack: Pack, budget: number, io: Io): Promise<Verified> {
  const { ruleSet, invariants } = pack
  const start = io.now()
  const { ordinary, prove, effort } = prover(pack, budget)
  const found = invariants.map((invariant, index) => {
    progress(`${ruleSet.id}: ${index} of ${invariants.length} invariants, ${invariant.name}`, io)
    return prove(invariant)
  })
  const show = verdictShower(pack, { ordinary, verdicts: found }, budget)
  const shown = []
  for (const verdict of found) {
    if (verdict.verdict === 'refuted')
      progress(`${ruleSet.id}: what would mend ${verdict.invariant.name}`, io)
    shown.push(await show(verdict))
  }
  progress('', io)
  return {
    pack: ruleSet.id,
    revision: ruleSet.revision,
    facts: factsDigest(ruleSet.customFacts),
    assumptions: ruleSet.assumptions,
    counts: counted(shown),
    invariants: shown,
    ...effort(),
    budget,
    milliseconds: io.now() - start,
  }
}

/** On the last line of a terminal, in place of what was there. */
function progress(text: string, io: Io): void {
  if (io.terminal) io.err(`\r\u001B[K${text}`)
}

/** 0 only where all is proved. */
function exitCode(report: PackReport): number {
  if (report.faults || report.counts.unsupported > 0) return exit.usage
  return report.counts.proved === report.invariants.length ? exit.ok : exit.findings
}

/** Conflicts that are allowed for each question. */
export function budgetOf({ budget }: Pick<VerifyFlags, 'budget'>): number {
  if (budget === undefined) return usualBudget
  const conflicts = Number(budget)
  if (!/^\d+$/.test(budget) || conflicts < 1 || !Number.isSafeInteger(conflicts))
    throw new UsageError(`--budget: expected a whole number of conflicts from 1, got "${budget}"`)
  return conflicts
}

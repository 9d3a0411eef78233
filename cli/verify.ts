import {
  factsDigest,
  isKept,
  lawShower,
  pairVerdicts,
  prover,
  usualBudget,
  verdictShower,
  type Pack,
  type ShownLaw,
} from '../engine/index.ts'
import { packNames } from '../rules/index.ts'
import { framed } from './frame.ts'
import { exit, UsageError, type Io } from './io.ts'
import { loadPack } from './load-pack.ts'
import { intoFolder, printed, type Emit } from './verify/emit.ts'
import { formats, type Format } from './verify/formats.ts'
import { counted, type PackReport, type Verified } from './verify/report.ts'

export type VerifyFlags = {
  readonly json?: boolean
  readonly format?: Format
  readonly budget?: string
  /** A folder, or `-`. */
  readonly emitSmt2?: string
  /** Whether laws of two sign-ins are proved too. */
  readonly laws?: boolean
}

/** `portcullis verify`: proves what packs promise, for all sign-ins, or shows the nearest one that breaks it. */
export async function verifyCommand(
  packs: readonly string[],
  flags: VerifyFlags,
  io: Io,
): Promise<number> {
  const budget = budgetOf(flags)
  const format = formats[flags.json ? 'json' : (flags.format ?? 'human')]
  const emit = emitting(flags, io)
  const reports: PackReport[] = []
  for (const name of packs.length > 0 ? packs : packNames()) {
    const pack = loadPack(name)
    reports.push(
      pack.faults
        ? { pack: name, faults: pack.faults }
        : await verified(pack, budget, emit, flags.laws === true, io),
    )
  }
  if (flags.emitSmt2 === '-')
    io.err(reports.map(({ faults }) => (faults ? framed(faults, io) : '')).join(''))
  else io.out(format(reports, io))
  return Math.max(...reports.map(exitCode))
}

/** What becomes of the questions; to standard output they go in place of the report. */
function emitting({ emitSmt2, json, format }: VerifyFlags, io: Io): Emit {
  if (emitSmt2 === undefined) return () => {}
  if (emitSmt2 !== '-') return intoFolder(emitSmt2)
  if (json || format !== undefined)
    throw new UsageError(
      '--emit-smt2 -: expected no --format or --json, as there is no report then',
    )
  return printed(io)
}

async function verified(
  pack: Pack,
  budget: number,
  emit: Emit,
  withLaws: boolean,
  io: Io,
): Promise<Verified> {
  const { ruleSet, invariants } = pack
  const start = io.now()
  const { ordinary, prove, effort } = prover(pack, budget)
  const found = invariants.map((invariant, index) => {
    progress(`${ruleSet.id}: ${index} of ${invariants.length} invariants, ${invariant.name}`, io)
    return prove(invariant)
  })
  emit(pack, found)
  const show = verdictShower(pack, { ordinary, verdicts: found }, budget)
  const shown = []
  for (const verdict of found) {
    if (verdict.verdict === 'refuted')
      progress(`${ruleSet.id}: what would mend ${verdict.invariant.name}`, io)
    shown.push(await show(verdict))
  }
  const laws = withLaws ? await provedLaws(pack, budget, io) : undefined
  progress('', io)
  return {
    pack: ruleSet.id,
    revision: ruleSet.revision,
    facts: factsDigest(ruleSet.customFacts),
    assumptions: ruleSet.assumptions,
    counts: counted(shown),
    invariants: shown,
    ...(laws && { laws }),
    ...effort(),
    budget,
    milliseconds: io.now() - start,
  }
}

async function provedLaws(pack: Pack, budget: number, io: Io): Promise<readonly ShownLaw[]> {
  const verdicts = pairVerdicts(pack, budget, (law, facts) =>
    progress(`${pack.ruleSet.id}: the law ${law}, ${facts[0] ?? 'no fact'}`, io),
  )
  const show = lawShower(pack)
  return Promise.all(verdicts.map(show))
}

/** On the last line of a terminal, in place of what was there. */
function progress(text: string, io: Io): void {
  if (io.terminal) io.err(`\r\u001B[K${text}`)
}

/** 0 only where all is proved. */
function exitCode(report: PackReport): number {
  if (report.faults || report.counts.unsupported > 0) return exit.usage
  const { counts, invariants, laws = [] } = report
  if (laws.some(({ verdict }) => verdict === 'unsupported')) return exit.usage
  return counts.proved === invariants.length && laws.every(isKept) ? exit.ok : exit.findings
}

/** Conflicts that are allowed for each question. */
export function budgetOf({ budget }: Pick<VerifyFlags, 'budget'>): number {
  if (budget === undefined) return usualBudget
  const conflicts = Number(budget)
  if (!/^\d+$/.test(budget) || conflicts < 1 || !Number.isSafeInteger(conflicts))
    throw new UsageError(`--budget: expected a whole number of conflicts from 1, got "${budget}"`)
  return conflicts
}

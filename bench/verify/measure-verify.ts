import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TargetsPart } from '../report/document.ts'
import { Misuse } from '../runs/misuse.ts'
import { isAsked, rowOf, type Found, type Target } from '../service/target.ts'
import type { Plan, Question } from './question.ts'
import { questions as allQuestions } from './questions.ts'

export const usualRounds = 5

/**
 * What the prover has to reach: each question is asked of as many processes as there are rounds, one after another. An answer that is
 * wrong, or unknown, is no measurement. An end by the signal gives what was measured until then. Throws a `Misuse` where a row is
 * asked for that there is not.
 */
export async function measureVerify(
  plan: Omit<Plan, 'folder'>,
  only: readonly string[],
  questions: readonly Question[] = allQuestions,
): Promise<TargetsPart> {
  const targets = questions.flatMap((question) => question.targets)
  for (const name of only)
    if (!targets.some((target) => isAsked(target, [name])))
      throw new Misuse(
        `--only: expected one of ${targets.map((target) => target.name).join(', ')}, or how several begin, such as prove; got ${JSON.stringify(name)}`,
      )
  const scratch = mkdtempSync(join(tmpdir(), 'portcullis-verify-'))
  const found = new Map<Target, Found | Error>()
  try {
    for (const { targets: own, measure } of questions) {
      if (plan.watch.signal.aborted || !own.some((target) => isAsked(target, only))) continue
      const folder = join(scratch, own[0]!.name)
      const measured = await measure({ ...plan, folder }).catch((error: unknown) => error as Error)
      for (const target of own)
        found.set(target, measured instanceof Error ? measured : measured.get(target)!)
      rmSync(folder, { recursive: true, force: true })
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return {
    kind: 'targets',
    title: `What the prover has to reach: ${plan.rounds} processes each, seed ${plan.seed}`,
    rows: targets
      .filter((target) => isAsked(target, only))
      .map((target) => rowOf(target, found.get(target) ?? { rounds: [], figures: [] })),
  }
}

import {
  compile,
  factsRead,
  factTable,
  faultText,
  signInParser,
  type Assumption,
  type RuleSet,
} from '../engine/index.ts'
import { replayAssumptions } from './assumptions.ts'
import { mapRow } from './mapping.ts'
import { createReport, type Report } from './report.ts'
import type { Row } from './rows.ts'

/** Decides old sign-ins by the rules of today, with the same engine that decides live ones. */
export function replay(
  ruleSet: RuleSet,
  rows: Iterable<Row>,
  assumptions: readonly Assumption[] = [],
): Report {
  // The last word is the user's, then the pack's, then what replay has to assume because logs are silent.
  const table = factTable(ruleSet.customFacts)
  const parse = signInParser(
    table,
    [...replayAssumptions, ...ruleSet.assumptions, ...assumptions],
    factsRead(ruleSet),
  )
  const decide = compile(ruleSet)
  const report = createReport(ruleSet)
  for (const row of rows) {
    const mapped = mapRow(row.value)
    if ('unmapped' in mapped) {
      report.undecided(row, mapped.unmapped)
      continue
    }
    const parsed = parse(mapped.signIn)
    if (parsed.faults)
      report.undecided(row, `does not make a sign-in: ${faultText(parsed.faults[0])}`)
    else report.decision(decide(parsed.signIn), { ...mapped, assumed: parsed.assumed })
  }
  return report.finish()
}

import { compile, compiler } from '../compile/compile.ts'
import { factTable } from '../custom-facts.ts'
import type { Decision } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { interpret } from '../interpret.ts'
import { keeps, type Invariant } from '../invariant.ts'
import type { Pack } from '../pack.ts'
import { factsRead } from '../rule-set.ts'
import { printSignIn, signInParser } from '../sign-in.ts'

/** A sign-in that the prover found, as a caller would send it, and what is decided of it. */
export type Replayed = {
  readonly sent: ReturnType<typeof printSignIn>
  readonly decision: Decision
}

/**
 * Holds what the prover found against all that decides: the parser admits the sign-in and reads it as it was found, and the
 * compiled rules and json-rules-engine decide it alike. Rejects where they don't: the prover is wrong then, and what it
 * says is no verdict.
 */
export function replaying({ ruleSet }: Pick<Pack, 'ruleSet'>) {
  const table = factTable(ruleSet.customFacts)
  const parse = signInParser(table, ruleSet.assumptions, factsRead(ruleSet))
  const decide = compile(ruleSet)
  const compiled = compiler(ruleSet.conditions)
  return { replay, mustBreak, mustShow }

  async function replay(signIn: SignIn): Promise<Replayed> {
    const sent = printSignIn(signIn, table)
    const parsed = parse(JSON.parse(JSON.stringify(sent)))
    if (parsed.faults)
      throw new TypeError(`the prover found a sign-in that is refused: ${parsed.faults[0].pointer}`)
    if (canonical(parsed.signIn) !== canonical(signIn))
      throw new TypeError('the prover found a sign-in that is read otherwise')
    const decision = decide(signIn)
    const interpreted = await interpret(ruleSet, signIn)
    if (JSON.stringify(interpreted) !== JSON.stringify(decision))
      throw new TypeError('json-rules-engine decides what the prover found otherwise')
    return { sent, decision }
  }

  function mustBreak({ name, when, promise }: Invariant, signIn: SignIn, decision: Decision): void {
    if (!compiled(when)(signIn) || keeps(promise, decision))
      throw new TypeError(`the prover found a sign-in that keeps the invariant "${name}"`)
  }

  function mustShow({ name, when, promise }: Invariant, signIn: SignIn, decision: Decision): void {
    const isSo = 'possible' in promise && decision.outcome === promise.possible
    if (!compiled(when)(signIn) || !isSo)
      throw new TypeError(`the prover found a sign-in that does not show the invariant "${name}"`)
  }
}

/** Facts in one order, so that only their values count. */
const canonical = (signIn: SignIn): string =>
  JSON.stringify(Object.entries(signIn).toSorted(([a], [b]) => (a < b ? -1 : 1)))

import { compile, compiler } from '../compile/compile.ts'
import { factTable } from '../custom-facts.ts'
import type { Decision } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { interpret } from '../interpret.ts'
import type { FactValue } from '../kinds.ts'
import { keeps, type Invariant } from '../invariant.ts'
import type { Pack } from '../pack.ts'
import { factsRead } from '../rule-set.ts'
import { assumedFor, isLater, isObject, printSignIn, signInParser } from '../sign-in.ts'

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
  const assumed = assumedFor(table, ruleSet.assumptions)
  const decide = compile(ruleSet)
  const compiled = compiler(ruleSet.conditions)
  return { replay, mustBreak, mustShow }

  async function replay(signIn: SignIn): Promise<Replayed> {
    const sent = printSignIn(signIn, table)
    for (const fact of unsayable(signIn)) leaveOut(sent, fact)
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

  /** Facts that are after the sign-in, as only what is assumed may be: nobody can send them. */
  function unsayable(signIn: SignIn): readonly string[] {
    const values = signIn as Readonly<Record<string, FactValue>>
    return [...assumed].flatMap(([fact, { value }]) =>
      table[fact]!.isPast && values[fact] === value && isLater(value, signIn.at) ? [fact] : [],
    )
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

function leaveOut(sent: ReturnType<typeof printSignIn>, fact: string): void {
  const [area = '', member = ''] = fact.split('.')
  const others = sent[area]
  if (!isObject(others)) return
  const { [member]: _, ...rest } = others
  sent[area] = rest
}

/** Facts in one order, so that only their values count. */
const canonical = (signIn: SignIn): string =>
  JSON.stringify(Object.entries(signIn).toSorted(([a], [b]) => (a < b ? -1 : 1)))

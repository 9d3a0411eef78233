import { compile, compiler } from '../compile/compile.ts'
import { factTable } from '../custom-facts.ts'
import type { Decision, Outcome, Requirement } from '../decision.ts'
import type { Fault, Location } from '../fault.ts'
import { keeps, type Invariant } from '../invariant.ts'
import { printValue, type FactValue } from '../kinds.ts'
import type { Pack } from '../pack.ts'
import { printSignIn, signInParser } from '../sign-in.ts'
import { usualBudget, verify, type Verdict } from './verify.ts'
import type { Witness } from './witness.ts'

/** An invariant that is not proved, and why, in plain data. */
export type Unproved = {
  readonly invariant: string
  readonly title: string
  readonly verdict: Exclude<Verdict['verdict'], 'proved'>
  /** What stands in the way, in a line. */
  readonly because: string
  readonly at?: Location
  /** Of one that is refuted: the nearest sign-in that breaks it. */
  readonly witness?: ShownWitness
}

export type ShownWitness = {
  readonly outcome: Outcome
  readonly requirements: readonly Requirement[]
  /** What makes it so: where it deviates from an ordinary sign-in, and what forces it. All other facts may be anything. */
  readonly facts: Readonly<Record<string, FactValue>>
  readonly deviations: readonly string[]
  /** As a caller would send it. */
  readonly signIn: ReturnType<typeof printSignIn>
}

/**
 * The invariants of a pack that are not proved for all sign-ins, those that are refuted first. A sign-in of the prover counts
 * only if callers can send it and the compiled rules decide it as the prover says. Once `isOver` holds, the rest is unknown.
 */
export function unproved(pack: Pack, isOver: () => boolean = () => false): readonly Unproved[] {
  if (pack.invariants.length === 0) return []
  const { verdicts } = verify(pack, usualBudget, isOver, 'any')
  const isProved = ({ verdict, ...rest }: Verdict) => verdict === 'proved' && !('example' in rest)
  if (verdicts.every(isProved)) return []
  const show = shower(pack)
  return verdicts
    .flatMap((each): readonly Unproved[] => {
      const { name, title, at } = each.invariant
      const shown = show(each)
      return shown ? [{ invariant: name, title, ...shown, ...(at && { at }) }] : []
    })
    .toSorted((a, b) => Number(b.verdict === 'refuted') - Number(a.verdict === 'refuted'))
}

/** What is wrong with the file that promises it. */
export const unprovedFault = ({ invariant, verdict, because, at, witness }: Unproved): Fault => ({
  pointer: '',
  expected: `the invariant ${JSON.stringify(invariant)} to hold for ${verdict === 'refuted' && witness === undefined ? 'some' : 'every'} sign-in`,
  got: because,
  ...(at && { at }),
})

type Shown = Pick<Unproved, 'verdict' | 'because' | 'witness'>

function shower({ ruleSet }: Pack): (verdict: Verdict) => Shown | undefined {
  const decide = compile(ruleSet)
  const conditionOf = compiler(ruleSet.conditions)
  const table = factTable(ruleSet.customFacts)
  const parse = signInParser(table, ruleSet.assumptions)
  const becauseOf = {
    budget: 'no proof, and no sign-in that breaks it, in the time that there was',
    certificate: 'a proof that does not hold up',
  }

  function shown({ signIn, deviations, forcing }: Witness): ShownWitness {
    const values = signIn as Readonly<Record<string, FactValue>>
    const { outcome, requirements } = decide(signIn)
    const decisive = Object.keys(table).filter(
      (fact) => deviations.includes(fact) || forcing.includes(fact),
    )
    return {
      outcome,
      requirements,
      facts: Object.fromEntries(
        decisive.map((fact) => [fact, printValue(table[fact]!.kind, values[fact]!)]),
      ),
      deviations,
      signIn: printSignIn(signIn, table),
    }
  }

  /** Whether it is a sign-in, of which the invariant speaks, that is decided so. */
  function isSo(
    { when }: Invariant,
    { signIn }: Witness,
    decided: (decision: Decision) => boolean,
  ): boolean {
    const isSent = parse(printSignIn(signIn, table)).faults === undefined
    return isSent && conditionOf(when)(signIn) && decided(decide(signIn))
  }

  return (each) => {
    const { verdict, invariant } = each
    const { promise } = invariant
    const disagreed: Shown = {
      verdict: 'unknown',
      because: 'a sign-in that is decided otherwise than the prover says',
    }
    switch (verdict) {
      case 'proved': {
        const { example } = each
        if (example === undefined || !('possible' in promise)) return undefined
        const { possible } = promise
        return isSo(invariant, example, ({ outcome }) => outcome === possible)
          ? undefined
          : disagreed
      }
      case 'refuted': {
        if (each.witness === undefined)
          return { verdict, because: 'none of which it speaks that is decided so' }
        if (!isSo(invariant, each.witness, (decision) => !keeps(promise, decision)))
          return disagreed
        const witness = shown(each.witness)
        return { verdict, because: inWords(witness), witness }
      }
      case 'vacuous':
        return { verdict, because: 'no sign-in of which it speaks' }
      case 'unsupported':
        return { verdict, because: each.because }
      case 'unknown':
        return { verdict, because: becauseOf[each.because] }
    }
  }
}

/** `allow for an ordinary sign-in but for client.app "other"` */
function inWords({ outcome, requirements, facts, deviations }: ShownWitness): string {
  const answer = [outcome, ...requirements].join(' ')
  const changes = deviations.map((fact) => `${fact} ${JSON.stringify(facts[fact])}`)
  return `${answer} for an ordinary sign-in${changes.length === 0 ? '' : ` but for ${changes.join(', ')}`}`
}

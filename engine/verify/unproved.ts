import { compile } from '../compile/compile.ts'
import { factTable } from '../custom-facts.ts'
import type { Outcome, Requirement } from '../decision.ts'
import type { Fault, Location } from '../fault.ts'
import { keeps } from '../invariant.ts'
import { printValue, type FactValue } from '../kinds.ts'
import type { Pack } from '../pack.ts'
import { printSignIn } from '../sign-in.ts'
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
 * The invariants of a pack that are not proved for all sign-ins, those that are refuted first. A witness counts only if the
 * compiled rules decide it as the prover says. Once `isOver` holds, the rest is unknown.
 */
export function unproved(pack: Pack, isOver: () => boolean = () => false): readonly Unproved[] {
  if (pack.invariants.length === 0) return []
  const { verdicts } = verify(pack, usualBudget, isOver)
  const open = verdicts.flatMap((each) => (each.verdict === 'proved' ? [] : [each]))
  if (open.length === 0) return []
  const show = shower(pack)
  return open
    .map((each): Unproved => {
      const { name, title, at } = each.invariant
      return { invariant: name, title, ...show(each), ...(at && { at }) }
    })
    .toSorted((a, b) => Number(b.verdict === 'refuted') - Number(a.verdict === 'refuted'))
}

/** What is wrong with the file that promises it. */
export const unprovedFault = ({ invariant, because, at }: Unproved): Fault => ({
  pointer: '',
  expected: `the invariant ${JSON.stringify(invariant)} to hold for every sign-in`,
  got: because,
  ...(at && { at }),
})

type Open = Exclude<Verdict, { readonly verdict: 'proved' }>
type Shown = Pick<Unproved, 'verdict' | 'because' | 'witness'>

function shower({ ruleSet }: Pack): (verdict: Open) => Shown {
  const decide = compile(ruleSet)
  const table = factTable(ruleSet.customFacts)
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

  return (open) => {
    const { verdict } = open
    switch (verdict) {
      case 'refuted': {
        if (keeps(open.invariant.promise, decide(open.witness.signIn)))
          return {
            verdict: 'unknown',
            because: 'a sign-in that breaks it for the prover and keeps it as it is decided',
          }
        const witness = shown(open.witness)
        return { verdict, because: inWords(witness), witness }
      }
      case 'vacuous':
        return { verdict, because: 'no sign-in of which it speaks' }
      case 'unsupported':
        return { verdict, because: open.because }
      case 'unknown':
        return { verdict, because: becauseOf[open.because] }
    }
  }
}

/** `allow for an ordinary sign-in but for client.app "other"` */
function inWords({ outcome, requirements, facts, deviations }: ShownWitness): string {
  const answer = [outcome, ...requirements].join(' ')
  const changes = deviations.map((fact) => `${fact} ${JSON.stringify(facts[fact])}`)
  return `${answer} for an ordinary sign-in${changes.length === 0 ? '' : ` but for ${changes.join(', ')}`}`
}

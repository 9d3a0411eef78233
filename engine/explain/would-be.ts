import { evaluator } from '../compile/evaluate.ts'
import { termMaker } from '../compile/term.ts'
import { combiner, outcomes, type Decision, type Outcome, type Rule } from '../decision.ts'
import type { FactTable, SignIn } from '../facts.ts'
import { printValue, type FactValue } from '../kinds.ts'
import { factsRead, type RuleSet } from '../rule-set.ts'
import { changed, changer, type Change } from './changes.ts'

/** What leads to another outcome: of one fact another value, or of two. */
export type WouldBe = {
  readonly outcome: Outcome
  readonly requirements: Decision['requirements']
  readonly changes: readonly {
    readonly fact: string
    readonly from: FactValue
    readonly to: FactValue
  }[]
}

export type Search = {
  /** The nearest first: fewest facts, then fewest rules that come out otherwise, then what changes most readily. `signIn` is what the change makes. */
  readonly found: readonly { readonly wouldBe: WouldBe; readonly signIn: SignIn }[]
  /** Whether all changes of one fact were tried, and of two where one does not do. */
  readonly triedAll: boolean
}

/** Areas of facts by how readily they change: what is done at this sign-in, the user, the tenant. */
const areas = ['session', 'client', 'device', 'location', 'resource', 'risk', 'user', 'tenant']
/** Found ways to one outcome are shown up to this many, each by other facts. */
const mostShown = 3
/** Rules looked at in a search. */
const mostLooks = 60_000

/** Tells which of these rules apply, and looks for the nearest changes that would give another outcome. Nothing is left to chance. */
export function trying(
  rules: readonly Rule[],
  ruleSet: RuleSet,
  table: FactTable,
  isPossible: (signIn: SignIn) => boolean,
) {
  const termOf = termMaker(ruleSet.conditions)
  const testOf = evaluator()
  const tests = rules.map(({ conditions }) => testOf(termOf(conditions)))
  // What no rule has for its effect can't come out.
  const reachable = outcomes.filter(
    (outcome) => outcome === 'allow' || rules.some(({ event }) => event.type === outcome),
  )
  const combine = combiner(rules)
  const numbers = new Int32Array(rules.length)
  const read = [...factsRead(ruleSet)].toSorted((a, b) => readiness(a) - readiness(b))
  const changesOf = changer(ruleSet, table, read)

  /** Which rules apply, and what follows from that. */
  function decide(signIn: SignIn) {
    const applies = tests.map((test) => test(signIn))
    let count = 0
    for (const [number, each] of applies.entries()) if (each) numbers[count++] = number
    return { applies, decision: combine(numbers, count, signIn) }
  }

  return { decide, search }

  /** Only sign-ins that there can be are found. */
  function search(signIn: SignIn): Search {
    const { applies: applied, decision: now } = decide(signIn)
    const singles = changesOf(signIn)
    let looks = 0
    const ways = new Map<Outcome, Way[]>(
      reachable.flatMap((outcome) => (outcome === now.outcome ? [] : [[outcome, []]])),
    )

    /** False once no more may be tried. */
    function attempt(changes: readonly Change[]): boolean {
      looks += rules.length
      if (looks > mostLooks) return false
      const after = changed(signIn, changes, table)
      const { applies, decision } = decide(after)
      const turned = applies.filter((each, index) => each !== applied[index]).length
      ways.get(decision.outcome)?.push({ changes, decision, turned })
      return true
    }

    const triedAll = ones() && twos()
    const found = [...ways.values()].flatMap((all) => nearest(all, signIn))
    return { found, triedAll }

    function ones(): boolean {
      return singles.every((changes) => changes.every((change) => attempt([change])))
    }

    function twos(): boolean {
      const missing = [...ways].filter(([, found]) => found.length === 0)
      if (missing.length === 0) return true
      return singles.every((first, index) =>
        singles
          .slice(index + 1)
          .every((second) => first.every((one) => second.every((two) => attempt([one, two])))),
      )
    }
  }

  /** The nearest of these ways, one for each set of facts. */
  function nearest(ways: readonly Way[], signIn: SignIn): Search['found'] {
    const sorted = ways.toSorted(
      (a, b) =>
        a.changes.length - b.changes.length ||
        a.turned - b.turned ||
        a.decision.requirements.length - b.decision.requirements.length,
    )
    const shown = new Map<string, Search['found'][number]>()
    for (const { changes, decision } of sorted) {
      const facts = changes.map(({ fact }) => fact).join(' ')
      const after = changed(signIn, changes, table)
      if (shown.has(facts) || !isPossible(after)) continue
      const { outcome, requirements } = decision
      const told = changes.map(({ fact, to }) => ({
        fact,
        from: print(fact, (signIn as Values)[fact]!),
        to: print(fact, to),
      }))
      shown.set(facts, { wouldBe: { outcome, requirements, changes: told }, signIn: after })
      if (shown.size === mostShown) break
    }
    return [...shown.values()]
  }

  function print(fact: string, value: FactValue): FactValue {
    return printValue(table[fact]!.kind, value)
  }
}

const readiness = (fact: string): number => {
  const area = areas.indexOf(fact.split('.')[0]!)
  return area < 0 ? areas.length : area
}

type Values = Readonly<Record<string, FactValue>>

type Way = {
  readonly changes: readonly Change[]
  readonly decision: Decision
  /** How many rules come out otherwise. */
  readonly turned: number
}

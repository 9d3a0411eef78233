import type { Decision, FactValue, Outcome, RuleSet } from '../engine/index.ts'
import type { Row } from './rows.ts'

/** What a replay counted. Every row is either decided or unmapped: `rows = decided + unmapped`, always. */
export type Report = {
  readonly ruleSet: { readonly id: string; readonly revision: string }
  readonly rows: number
  readonly decided: number
  readonly unmapped: number
  /** Sign-ins, and the people and workloads behind them, by outcome. */
  readonly outcomes: readonly {
    readonly outcome: Outcome
    readonly signIns: number
    readonly users: number
  }[]
  readonly requirements: readonly Counted<'requirement'>[]
  readonly advice: readonly Counted<'advice'>[]
  readonly rules: readonly (Counted<'rule'> & { readonly effect: string })[]
  readonly clientApps: readonly ({ readonly clientApp: string } & Readonly<
    Record<Outcome, number>
  >)[]
  readonly unmappedReasons: readonly {
    readonly reason: string
    readonly rows: number
    readonly places: readonly string[]
  }[]
  readonly assumed: readonly {
    readonly fact: string
    readonly value: FactValue
    readonly because: string
    readonly rows: number
  }[]
  readonly unrecognised: readonly Counted<'value'>[]
  readonly inferred: readonly Counted<'inference'>[]
}

type Counted<K extends string> = { readonly [N in K]: string } & {
  readonly signIns: number
  readonly users: number
}

class Tally {
  signIns = 0
  readonly users = new Set<string>()
}

/** Tallies by name, in the order of first sight. */
const tallies = () => {
  const byName = new Map<string, Tally>()
  return {
    add(name: string, user: string) {
      const tally = byName.get(name) ?? new Tally()
      tally.signIns++
      tally.users.add(user)
      byName.set(name, tally)
    },
    /** Most sign-ins first, then by name. */
    list<K extends string>(key: K): Counted<K>[] {
      return [...byName]
        .map(
          ([name, { signIns, users }]) =>
            ({ [key]: name, signIns, users: users.size }) as Counted<K>,
        )
        .sort((a, b) => b.signIns - a.signIns || (a[key] < b[key] ? -1 : 1))
    },
    of: (name: string) => byName.get(name),
  }
}

/** Gathers what rows came to. */
export function createReport({ id, revision, rules }: RuleSet) {
  let rows = 0
  let decided = 0
  const outcomes = tallies()
  const requirements = tallies()
  const advice = tallies()
  const applied = tallies()
  const unrecognised = tallies()
  const inferred = tallies()
  const clientApps = new Map<string, Record<Outcome, number>>()
  const unmapped = new Map<string, string[]>()
  const assumed = new Map<
    string,
    { fact: string; value: FactValue; because: string; rows: number }
  >()

  return {
    undecided(row: Row, reason: string) {
      rows++
      const places = unmapped.get(reason) ?? []
      places.push(`${row.file}:${row.number}`)
      unmapped.set(reason, places)
    },
    decision(
      decision: Decision,
      of: {
        readonly user: string
        readonly clientApp: string
        readonly unrecognised: readonly string[]
        readonly inferred: readonly string[]
        readonly assumed: readonly {
          readonly fact: string
          readonly value: FactValue
          readonly because: string
        }[]
      },
    ) {
      rows++
      decided++
      outcomes.add(decision.outcome, of.user)
      for (const requirement of decision.requirements) requirements.add(requirement, of.user)
      for (const each of decision.advice) {
        advice.add(each.advice, of.user)
        applied.add(each.rule, of.user)
      }
      for (const { rule } of decision.reasons) applied.add(rule, of.user)
      for (const value of of.unrecognised) unrecognised.add(value, of.user)
      for (const inference of of.inferred) inferred.add(inference, of.user)
      const app = clientApps.get(of.clientApp) ?? { allow: 0, challenge: 0, block: 0 }
      app[decision.outcome]++
      clientApps.set(of.clientApp, app)
      for (const { fact, value, because } of of.assumed) {
        const known = assumed.get(fact)
        if (known) known.rows++
        else assumed.set(fact, { fact, value, because, rows: 1 })
      }
    },
    finish(): Report {
      const total = ({ allow, challenge, block }: Record<Outcome, number>) =>
        allow + challenge + block
      return {
        ruleSet: { id, revision },
        rows,
        decided,
        unmapped: rows - decided,
        outcomes: (['allow', 'challenge', 'block'] as const).map((outcome) => {
          const tally = outcomes.of(outcome)
          return { outcome, signIns: tally?.signIns ?? 0, users: tally?.users.size ?? 0 }
        }),
        requirements: requirements.list('requirement'),
        advice: advice.list('advice'),
        rules: applied.list('rule').map((each) => ({
          ...each,
          effect: rules.find(({ name }) => name === each.rule)?.event.type ?? '',
        })),
        clientApps: [...clientApps]
          .map(([clientApp, counts]) => ({ clientApp, ...counts }))
          .sort((a, b) => total(b) - total(a) || (a.clientApp < b.clientApp ? -1 : 1)),
        unmappedReasons: [...unmapped]
          .map(([reason, places]) => ({ reason, rows: places.length, places }))
          .sort((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1)),
        assumed: [...assumed.values()].sort(
          (a, b) => b.rows - a.rows || (a.fact < b.fact ? -1 : 1),
        ),
        unrecognised: unrecognised.list('value'),
        inferred: inferred.list('inference'),
      }
    },
  }
}

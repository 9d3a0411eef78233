import { referencesOf, type Condition } from '../condition.ts'
import type { Rule } from '../decision.ts'
import type { RuleSet } from '../rule-set.ts'

/** A rule that only one of two rule sets has, or that they do not have alike. */
export type RuleChange = {
  readonly rule: string
  readonly change:
    | 'added'
    | 'removed'
    /** It decided, and now only reports. */
    | 'onlyReports'
    /** It only reported, and now decides. */
    | 'decides'
    | 'changed'
  /** Of a rule that changed: whether when it applies is written otherwise, and what follows from that. */
  readonly conditions?: true
  readonly effect?: true
  /** Shared conditions through which it changed, where its own are written alike. */
  readonly through?: readonly string[]
}

type Compares = Pick<RuleSet, 'rules' | 'reportRules' | 'conditions'>

/** What changed from one rule set to the other, rule by rule in the order of names. Words for people are no change. */
export function ruleChanges(from: Compares, to: Compares): readonly RuleChange[] {
  const was = new Map(from.rules.map((rule) => [rule.name, rule]))
  const is = new Map(to.rules.map((rule) => [rule.name, rule]))
  const reported = new Set(from.reportRules.map(({ name }) => name))
  const reports = new Set(to.reportRules.map(({ name }) => name))
  const shared = changedConditions(from.conditions, to.conditions)
  const all = [...new Set([...was.keys(), ...is.keys()])].toSorted()
  return all.flatMap((name): readonly RuleChange[] => {
    const [before, after] = [was.get(name), is.get(name)]
    if (before === undefined)
      return [{ rule: name, change: reported.has(name) ? 'decides' : 'added' }]
    if (after === undefined)
      return [{ rule: name, change: reports.has(name) ? 'onlyReports' : 'removed' }]
    return changeOf(before, after, shared)
  })
}

function changeOf(
  before: Rule,
  after: Rule,
  shared: (name: string) => readonly string[],
): readonly RuleChange[] {
  const conditions = !alike(before.conditions, after.conditions)
  const effect = !alike(before.event, after.event)
  const through = [...new Set([...referencesOf(after.conditions)].flatMap(shared))]
  if (!conditions && !effect && through.length === 0) return []
  return [
    {
      rule: after.name,
      change: 'changed',
      ...(conditions && { conditions: true as const }),
      ...(effect && { effect: true as const }),
      ...(through.length > 0 && { through }),
    },
  ]
}

/** Shared conditions that only one of two rule sets has, or that are written otherwise. */
export const conditionChanges = (
  from: RuleSet['conditions'],
  to: RuleSet['conditions'],
): readonly string[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (name) => !alike(from[name], to[name]),
  )

/** Of a shared condition those that it is made of, itself included, that are written otherwise. */
function changedConditions(
  from: RuleSet['conditions'],
  to: RuleSet['conditions'],
): (name: string) => readonly string[] {
  const known = new Map<string, readonly string[]>()
  return visit

  function visit(name: string): readonly string[] {
    let found = known.get(name)
    if (found === undefined) {
      const [before, after]: (Condition | undefined)[] = [from[name], to[name]]
      const below = after === undefined ? [] : [...referencesOf(after)].flatMap(visit)
      found = [...new Set([...(alike(before, after) ? [] : [name]), ...below])]
      known.set(name, found)
    }
    return found
  }
}

const alike = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

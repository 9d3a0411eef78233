import type { Event, Lint } from '../../engine/index.ts'
import type { Random } from '../random.ts'
import type { Rules } from './tenant-pack.ts'

/** One rule of a hundred is as somebody changed it: gone, with another effect, or without one of its conditions. */
export const changedRules = (rules: Rules, random: Random): Rules =>
  rules.flatMap((rule, index) => {
    if (index % 100 !== 0) return [rule]
    const { all } = rule.conditions as { readonly all: readonly unknown[] }
    switch ((index / 100) % 3) {
      case 0:
        return []
      case 1:
        return [{ ...rule, event: otherEvent(rule.event, random) }]
      default:
        return [{ ...rule, conditions: { all: all.slice(0, -1) } as typeof rule.conditions }]
    }
  })

const otherEvent = (event: Event, random: Random): Event =>
  event.type === 'challenge'
    ? { type: 'block', params: { code: event.params.code } }
    : {
        type: 'challenge',
        params: { requirement: random.pick(['mfa', 'mfaRegistration']), code: event.params.code },
      }

/** What somebody could leave out: five rules are there in part twice, and five can never apply. */
export const needlessRules = (rules: Rules): Rules => [
  ...rules,
  ...rules.slice(0, 5).map((rule, index) => ({
    ...rule,
    name: `covered-${index}`,
    conditions: { all: [rule.conditions, flow('equal')] },
  })),
  ...rules.slice(5, 10).map((rule, index) => ({
    ...rule,
    name: `never-${index}`,
    conditions: { all: [flow('equal'), rule.conditions, flow('notEqual')] },
  })),
]

/** Of a fact that no rule of a tenant looks at. */
const flow = (operator: string) => ({ fact: 'client.authenticationFlow', operator, value: 'none' })

/** Those of the needless rules that were not found. */
export function missed({ needless }: Lint): readonly string[] {
  const found = new Set(needless.map((each) => ('rule' in each ? `${each.kind} ${each.rule}` : '')))
  return Array.from({ length: 5 }, (_, index) => [
    `covered covered-${index}`,
    `neverApplies never-${index}`,
  ])
    .flat()
    .filter((each) => !found.has(each))
}

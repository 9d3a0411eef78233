import type { Plan } from '../engine/index.ts'
import { plural } from './io.ts'

const mostLookups = 12

/** How the rules are compiled, and why. */
export function planText(plan: Plan): string {
  const { comparisons, facts, because } = plan
  const head = `compiled as ${plan.strategy === 'code' ? 'code' : 'an index'}: ${because}`
  const size = `${plural(comparisons, 'different comparison')} on ${plural(facts, 'fact')}`
  if (plan.strategy === 'code') return `  ${head}\n  ${size}, what rules share tested once\n`
  const { clauses, lookups, onDemand } = plan
  const shown = lookups.slice(0, mostLookups).map(({ facts, classes, literals }) => {
    const values =
      classes === undefined ? 'by members' : plural(classes, 'class of values', 'classes of values')
    return `    ${facts.join(' × ')}: ${plural(literals, 'comparison')} at once, ${values}`
  })
  return [
    head,
    `${size}, ${plural(clauses, 'clause')}; a decision looks up, those first that take out most,`,
    ...shown,
    ...(lookups.length > mostLookups ? [`    and ${lookups.length - mostLookups} more`] : []),
    `and tests what is left for ${plural(onDemand, 'condition')} on several facts`,
  ]
    .map((line) => `  ${line}\n`)
    .join('')
}

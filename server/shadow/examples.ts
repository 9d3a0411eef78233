import type { DecisionBody } from '../../engine/index.ts'
import type { Difference } from './compare.ts'
import type { Example, Shown, Told } from './messages.ts'

/** Of each way from one outcome to another, the last so many are kept. */
const mostOfAWay = 3

/** The last differences of each kind. What is shown of one is made when it is asked for. */
export function lastExamples(mask: readonly string[]) {
  const ways = new Map<string, Difference[]>()
  let isNew = false
  return {
    add(difference: Difference): void {
      const way = `${difference.from} ${difference.to}`
      const last = ways.get(way) ?? []
      ways.set(way, [...last.slice(1 - mostOfAWay), difference])
      isNew = true
    },
    isNew: () => isNew,
    show(): readonly Example[] {
      isNew = false
      return [...ways.values()].flat().map((each) => exampleOf(each, mask))
    },
  }
}

function exampleOf(
  { from, to, differs, rules, live, other, facts }: Difference,
  mask: readonly string[],
): Example {
  const { decisionId, evaluatedAt } = live as Told
  const candidate =
    'json' in other
      ? shown(JSON.parse(other.json) as DecisionBody)
      : { refused: other.faults.map(({ pointer, expected }) => ({ pointer, expected })) }
  return {
    decisionId,
    evaluatedAt,
    from,
    to,
    differs,
    rules,
    live: shown(live),
    candidate,
    facts: Object.fromEntries(Object.entries(facts()).filter(([fact]) => !isMasked(fact, mask))),
  }
}

const shown = ({ outcome, requirements, reasons, advice }: DecisionBody): Shown => ({
  outcome,
  requirements,
  reasons,
  advice,
})

const isMasked = (fact: string, mask: readonly string[]): boolean => {
  const pointer = `/${fact.replaceAll('.', '/')}`
  return mask.some((each) => pointer === each || pointer.startsWith(`${each}/`))
}

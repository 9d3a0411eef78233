import { outcomes, type Outcome } from '../../engine/index.ts'
import { changes, ends, type Change, type Compared, type End } from './compare.ts'

const [compared, differing] = [0, 1]
const transitionsAt = 2
const transitions = outcomes.length * ends.length
const rulesAt = transitionsAt + transitions
const ofRule = changes.length * transitions

/** Memory for what one comparison counts of so many rules. */
export const countsMemory = (rules: number): SharedArrayBuffer =>
  new SharedArrayBuffer((rulesAt + rules * ofRule) * Float64Array.BYTES_PER_ELEMENT)

export type Transition = { readonly from: Outcome; readonly to: End; readonly count: number }
export type RuleCount = Transition & { readonly rule: string; readonly change: Change }

/** What a comparison counted. Written by one thread, so plain stores do; read by any, and it outlives the thread. */
export function countsIn(memory: SharedArrayBuffer, rules: readonly string[]) {
  const cells = new Float64Array(memory)
  const placeOf = new Map(rules.map((rule, index) => [rule, rulesAt + index * ofRule]))
  const transition = ({ from, to }: { readonly from: Outcome; readonly to: End }) =>
    outcomes.indexOf(from) * ends.length + ends.indexOf(to)

  return {
    /** Counts a comparison; nothing to be said of it means that the decisions are one. Who reads `compared()` first finds all of those in the rest. */
    count(each: Compared | undefined): void {
      if (each !== undefined) tell(each)
      cells[compared]!++
    },
    compared: () => cells[compared]!,
    differing: () => cells[differing]!,
    transitions: () => transitionsFrom(transitionsAt),
    /** By rule, most first. */
    rules: (): readonly RuleCount[] =>
      rules
        .flatMap((rule) =>
          changes.flatMap((change, index) =>
            transitionsFrom(placeOf.get(rule)! + index * transitions).map((each) => ({
              rule,
              change,
              ...each,
            })),
          ),
        )
        .sort((a, b) => b.count - a.count),
  }

  function tell(each: Compared): void {
    const at = transition(each)
    if (each.differs.length > 0) {
      cells[differing]!++
      cells[transitionsAt + at]!++
    }
    for (const { rule, change } of each.rules) {
      const place = placeOf.get(rule)
      if (place !== undefined) cells[place + changes.indexOf(change) * transitions + at]!++
    }
  }

  function transitionsFrom(start: number): readonly Transition[] {
    return outcomes.flatMap((from) =>
      ends.flatMap((to): Transition[] => {
        const count = cells[start + transition({ from, to })]!
        return count > 0 ? [{ from, to, count }] : []
      }),
    )
  }
}

export type Counts = ReturnType<typeof countsIn>

import type { Literal } from './solver.ts'

/** Everything that a solver started from and concluded, in order, so that somebody else can go through it. */
export type Proof = ReturnType<typeof proof>

/** Where a clause of a proof comes from. */
export const given = 0
/** True of all numbers, whatever the clauses say. */
export const ofTheory = 1
/** Claimed to follow from the clauses before it. */
export const learnt = 2

/** Kept as one row of numbers: source, size, literals. */
export function proof() {
  let steps = new Int32Array(1 << 10)
  let end = 0

  return {
    given: (clause: readonly Literal[]) => append(given, clause),
    theory: (clause: readonly Literal[]) => append(ofTheory, clause),
    learnt: (clause: readonly Literal[]) => append(learnt, clause),
    /** What there is up to now. */
    steps: () => steps.subarray(0, end),
  }

  function append(source: number, clause: readonly Literal[]): void {
    if (end + clause.length + 2 > steps.length) {
      const larger = new Int32Array(2 * (end + clause.length + 2))
      larger.set(steps.subarray(0, end))
      steps = larger
    }
    steps[end++] = source
    steps[end++] = clause.length
    for (const literal of clause) steps[end++] = literal
  }
}

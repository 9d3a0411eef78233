import { combiner, type Decide, type Decision, type Rule } from '../decision.ts'
import { frozen } from './outcomes.ts'
import type { Index, Signature } from './indexed.ts'

/** Decisions kept; a power of two. The place of one is taken by the next that falls there. */
const places = 8_192

/** Decides by an index, and remembers decisions by what it saw of the sign-in, where it sees that beforehand. */
export function decideByIndex(rules: readonly Rule[], { holding, signature }: Index): Decide {
  const combine = combiner(rules)
  const numbers = new Int32Array(rules.length)
  const decideAnew: Decide = (signIn) => combine(numbers, holding(signIn, numbers), signIn)
  return signature ? remembering(rules, signature, { combine, numbers, decideAnew }) : decideAnew
}

type Deciding = {
  readonly combine: ReturnType<typeof combiner>
  /** Written anew for each sign-in. */
  readonly numbers: Int32Array
  readonly decideAnew: Decide
}

/** Decisions are frozen, and shared by all who get them; those that show facts of their sign-in are not kept. */
function remembering(
  rules: readonly Rule[],
  { length, write, holding }: Signature,
  { combine, numbers, decideAnew }: Deciding,
): Decide {
  const shows = rules.map(({ event }) => event.params.shows !== undefined)
  const seen = new Float64Array(length)
  const signatures = new Float64Array(places * length)
  const decisions: (Decision | undefined)[] = Array.from({ length: places })

  return (signIn) => {
    if (!write(signIn, seen)) return decideAnew(signIn)
    const place = placeOf(seen)
    const start = place * length
    const known = decisions[place]
    if (known !== undefined && isSeenAt(start)) return known
    const count = holding(signIn, numbers)
    const decision = combine(numbers, count, signIn)
    for (let at = 0; at < count; at++) if (shows[numbers[at]!]) return decision
    signatures.set(seen, start)
    decisions[place] = frozen(decision)
    return decision
  }

  function isSeenAt(start: number): boolean {
    for (let at = 0; at < length; at++) if (signatures[start + at] !== seen[at]) return false
    return true
  }
}

/** Mixes all numbers into one; different ones may well get the same place. */
function placeOf(numbers: Float64Array): number {
  let mixed = 0
  for (let at = 0; at < numbers.length; at++) {
    mixed = Math.imul(mixed ^ numbers[at]!, 0x9e3779b1)
    mixed ^= mixed >>> 15
  }
  return mixed & (places - 1)
}

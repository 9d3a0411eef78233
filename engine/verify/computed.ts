import type { Comparison } from '../condition.ts'
import { mostTenantHours } from '../derived.ts'
import type { Column } from './column.ts'
import type { Range } from './differences.ts'
import type { Formula } from './formula.ts'
import type { Literal } from './solver.ts'

type Numbers = Column & {
  readonly holds: 'number'
  readonly number: number
  readonly usual: number
}

/** What a computed fact is made of: the columns of others, and the literal for `x − y ≤ most`. */
export type Sources = {
  readonly formula: Formula
  readonly number: (fact: string) => Numbers
  readonly newNumber: (range: Range) => number
  readonly holds: (test: Comparison) => Literal
  readonly atMost: (x: number, y: number, most: number) => Literal
  /** Of all sign-ins that there are in the encoding. */
  readonly elapsed: Elapsed[]
}

/** Whole days that passed, and the numbers that they follow from. */
type Elapsed = { readonly days: number; readonly at: number; readonly starts: readonly number[] }

const hour = 3_600_000
const day = 24 * hour
const mostGraceDays = 365

const flag = (literal: Literal): Column => ({
  holds: 'one',
  classes: [true, false].map((value) => ({ value, values: new Set([value]) })),
  of: [literal, -literal],
})

/** A whole number from 0 to `max`, by what it takes to be at least so much (from 1 on). */
const counted = (
  { formula }: Sources,
  max: number,
  atLeast: (least: number) => Literal,
): Column => ({
  holds: 'number',
  min: 0,
  max,
  never: -formula.always,
  atMost: (most) =>
    most < 0 ? -formula.always : most >= max ? formula.always : -atLeast(most + 1),
})

const mfaIsEarlier = { fact: 'session.mfa', operator: 'equal', value: 'earlier' }

/** What computed facts ask of facts without an order, which must be told apart for it. */
export const asked: Readonly<Record<string, readonly Comparison[]>> = {
  'session.carriesMfa': [mfaIsEarlier],
}

/** The computed facts of the fact table once more, as formulas over times (`derived.ts` computes them of one sign-in). */
export const computed: Readonly<Record<string, (sources: Sources) => Column>> = {
  'session.revoked': (sources) => flag(revoked(sources)),

  'session.carriesMfa': (sources) => {
    const { formula, number, holds } = sources
    const carried = formula.any([
      -number('session.issuedAt').never,
      number('session.validFrom').never,
    ])
    return flag(formula.all([holds(mfaIsEarlier), carried, -revoked(sources)]))
  },

  'tenant.ageHours': (sources) => {
    const [at, created] = [sources.number('at'), sources.number('tenant.createdAt')]
    return counted(sources, mostTenantHours, (hours) =>
      sources.atMost(created.number, at.number, -hours * hour),
    )
  },

  'registration.graceDaysLeft': (sources) => {
    const { formula, number, atMost } = sources
    const at = number('at')
    const [first, enabled] = [number('user.firstInteractiveSignInAt'), number('tenant.enabledAt')]
    const period = number('tenant.gracePeriodDays')
    // Whole days since the period started, which it did at the later of the two; −1 for less than none.
    const most = mostGraceDays + 1
    const daysBetween = (now: number, start: number, other: number) =>
      clamped(Math.floor((now - Math.max(start, other)) / day), -1, most)
    const elapsed = sources.newNumber({
      min: -1,
      max: most,
      usual: daysBetween(at.usual, first.usual, enabled.usual),
      follows: (numbers) =>
        daysBetween(numbers[at.number]!, numbers[first.number]!, numbers[enabled.number]!),
    })
    for (const days of bisecting(most)) {
      const isSo = formula.all([
        atMost(first.number, at.number, -days * day),
        atMost(enabled.number, at.number, -days * day),
      ])
      const isSaid = -atMost(elapsed, 0, days - 1)
      formula.add([-isSo, isSaid])
      formula.add([isSo, -isSaid])
    }
    const own = { days: elapsed, at: at.number, starts: [first.number, enabled.number] }
    for (const other of sources.elapsed) {
      notFewer(sources, own, other)
      notFewer(sources, other, own)
    }
    sources.elapsed.push(own)
    return counted(sources, mostGraceDays, (left) =>
      formula.all([
        -period.atMost(left - 1),
        formula.any([first.never, atMost(elapsed, period.number, -left)]),
      ]),
    )
  },
}

/** No fewer days have passed later, or from an earlier start: it follows, and need not be found out day by day. */
function notFewer({ formula, atMost }: Sources, before: Elapsed, after: Elapsed): void {
  const isSo = [
    atMost(before.at, after.at, 0),
    ...after.starts.map((start, place) => atMost(start, before.starts[place]!, 0)),
  ]
  formula.add([...isSo.map((literal) => -literal), atMost(before.days, after.days, 0)])
}

/** All from 0 to there, those last that cut the rest in halves: the solver guesses what was made last first. */
const bisecting = (most: number): readonly number[] =>
  Array.from({ length: most + 1 }, (_, number) => number).sort((a, b) => (a & -a) - (b & -b))

const clamped = (value: number, min: number, max: number) => Math.min(max, Math.max(min, value))

function revoked({ formula, number, atMost }: Sources): Literal {
  const [issued, valid] = [number('session.issuedAt'), number('session.validFrom')]
  return formula.all([-issued.never, -valid.never, atMost(issued.number, valid.number, -1)])
}

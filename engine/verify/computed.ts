import { mostTenantHours } from '../derived.ts'
import type { Column } from './column.ts'
import type { Formula } from './formula.ts'
import type { Literal } from './solver.ts'

type Numbers = Column & { readonly holds: 'number'; readonly number: number }

/** What a computed fact is made of: the columns of others, and the literal for `x − y ≤ most`. */
export type Sources = {
  readonly formula: Formula
  readonly number: (fact: string) => Numbers
  readonly is: (fact: string, value: string) => Literal
  readonly atMost: (x: number, y: number, most: number) => Literal
}

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

/** The computed facts of the fact table once more, as formulas over times (`derived.ts` computes them of one sign-in). */
export const computed: Readonly<Record<string, (sources: Sources) => Column>> = {
  'session.revoked': (sources) => flag(revoked(sources)),

  'session.carriesMfa': (sources) => {
    const { formula, number, is } = sources
    const carried = formula.any([
      -number('session.issuedAt').never,
      number('session.validFrom').never,
    ])
    return flag(formula.all([is('session.mfa', 'earlier'), carried, -revoked(sources)]))
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
    /** Whole days since the period started, which it did at the later of the two. */
    const elapsed = (days: number) =>
      formula.all([
        atMost(first.number, at.number, -days * day),
        atMost(enabled.number, at.number, -days * day),
      ])
    return counted(sources, mostGraceDays, (left) => {
      const longEnough = (days: number) => -period.atMost(days - 1)
      const days = Array.from({ length: mostGraceDays - left + 1 }, (_, index) => index + 1)
      const lasts = formula.all(
        days.map((each) => formula.any([-elapsed(each), longEnough(left + each)])),
      )
      return formula.all([longEnough(left), formula.any([first.never, lasts])])
    })
  },
}

function revoked({ formula, number, atMost }: Sources): Literal {
  const [issued, valid] = [number('session.issuedAt'), number('session.validFrom')]
  return formula.all([-issued.never, -valid.never, atMost(issued.number, valid.number, -1)])
}

import type { UserTally } from './tally.ts'

/** How often people are asked for something more, on a day on which they sign in. */
export type PromptLoad = {
  /** Days of users on which they signed in. */
  readonly userDays: number
  readonly before: PromptFigures
  readonly after: PromptFigures
  /** Users with the most prompts on one day, the most first. */
  readonly worst: readonly {
    readonly user: string
    readonly day: string
    readonly prompts: number
  }[]
}

export type PromptFigures = {
  readonly prompts: number
  /** For each user and day, to a thousandth. */
  readonly mean: number
  /** 95 of 100 days of users have no more. */
  readonly p95: number
  readonly most: number
}

const mostShown = 20
const dayMs = 86_400_000
export const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

export function promptsOf(users: ReadonlyMap<string, UserTally>): PromptLoad {
  const counts = { before: [] as number[], after: [] as number[] }
  const worst: { user: string; day: string; prompts: number }[] = []
  for (const [user, { days, type }] of users) {
    if (type === 'servicePrincipal' || type === 'managedIdentity') continue
    let [most, on] = [0, 0]
    for (const [day, [, before, after]] of days) {
      counts.before.push(before)
      counts.after.push(after)
      if (after > most || (after === most && day < on)) [most, on] = [after, day]
    }
    if (most > 0) worst.push({ user, day: dayText(on), prompts: most })
  }
  return {
    userDays: counts.after.length,
    before: figuresOf(counts.before),
    after: figuresOf(counts.after),
    worst: worst
      .sort((a, b) => b.prompts - a.prompts || (a.user < b.user ? -1 : 1))
      .slice(0, mostShown),
  }
}

function figuresOf(counts: number[]): PromptFigures {
  const prompts = counts.reduce((sum, count) => sum + count, 0)
  const sorted = Float64Array.from(counts).sort()
  return {
    prompts,
    mean: counts.length === 0 ? 0 : Math.round((1_000 * prompts) / counts.length) / 1_000,
    p95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0,
    most: sorted.at(-1) ?? 0,
  }
}

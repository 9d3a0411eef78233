import type { FactValue } from '../../engine/index.ts'

/** What is asked, as data: kinds of sign-in with their weights. `workloadOf` draws questions from it. */
export type Profile = {
  readonly name: string
  readonly description: string
  /** How many different questions are asked by default; without it each sign-in of the pack's cases once. */
  readonly questions?: number
  /** More than one where a profile is put together from others; weights are shares of the questions. */
  readonly parts: readonly [Part, ...Part[]]
  /** How often the log that it was made of was written to: what a shape may start from. */
  readonly arrivals?: Arrivals
}

export type Arrivals = {
  readonly minutes: number
  readonly meanPerMinute: number
  readonly peakPerMinute: number
}

export type Part = {
  /** The profile that it comes from. */
  readonly name: string
  readonly weight: number
  readonly form: Form
  /** Sign-ins to draw, or those of the pack's cases. */
  readonly source: Drawn | 'cases'
}

/** How sign-ins are asked: each in a request of its own, or several in one. */
export type Form = { readonly form: 'single' | 'batch' | 'stream'; readonly size: number }

export type Drawn = {
  /** Milliseconds since 1970; sign-ins say their own times, so that their answers do not depend on a clock. */
  readonly at: number
  readonly people: People
  readonly kinds: readonly [Kind, ...Kind[]]
}

/** Who signs in, as far as the envelope shows it. Sizes of tenants follow Zipf's law. */
export type People = {
  readonly tenants: number
  readonly users: number
  readonly addresses: number
  /** The exponent of Zipf's law: 0 for tenants of one size, 1 for a few large and many small ones. */
  readonly skew: number
}

export type Kind = {
  readonly name: string
  /** Its share of the sign-ins of its part, against the other weights. */
  readonly weight: number
  /** Share of its sign-ins that are spoilt on purpose, and must be refused. */
  readonly refused: number
  /** In the order of the fact table. */
  readonly facts: readonly (readonly [fact: string, draw: Draw])[]
}

/** How a value is drawn. Values are parsed; times are milliseconds. */
export type Draw =
  | { readonly draw: 'constant'; readonly value: FactValue }
  | { readonly draw: 'weighted'; readonly choices: readonly Choice[] }
  | {
      readonly draw: 'someOf'
      readonly values: readonly string[]
      readonly least: number
      readonly most: number
    }
  | { readonly draw: 'wholeNumber'; readonly from: number; readonly to: number }
  /** Before the sign-in's own time, or (of `at` alone) after the profile's. */
  | {
      readonly draw: 'before' | 'after'
      readonly leastMs: number
      readonly mostMs: number
    }

export type Choice = { readonly weight: number; readonly of: Draw }

import type { EngineFigures } from './engine.ts'

type Bound = { readonly atLeast: number } | { readonly atMost: number }
type Target = Bound & {
  readonly row: string
  readonly unit: string
  /** Undefined when it could not be measured, which is no way of meeting a target. */
  readonly value: (figures: EngineFigures) => number | undefined
  /** A row about a contestant that did not enter is left out. */
  readonly contestant?: string
}

const against = (contestant: string, bound: Bound, row = `faster than ${contestant}`): Target => ({
  ...bound,
  row,
  unit: '×',
  contestant,
  value: ({ comparison }) =>
    comparison.contestants.find(({ name }) => name === contestant)?.timesFirst,
})

/** What deciding has to reach, on whatever machine it is measured. They are only ever made harder. */
const targets: readonly Target[] = [
  against('hand-written', { atLeast: 1.5 }),
  against('json-rules-engine', { atLeast: 800 }),
  against('json-logic-engine', { atLeast: 2.5 }),
  against('zen-engine', { atLeast: 250 }),
  against('cedar-wasm', { atLeast: 800 }),
  against('compiled, full trace', { atMost: 15 }, 'full trace ÷ plain'),
  {
    row: 'a decision by 10,000 rules ÷ by 10',
    atMost: 12,
    unit: '×',
    value: ({ growth }) => growth.factor,
  },
  {
    row: 'allocated for a decision',
    atMost: 64,
    unit: 'B',
    value: ({ comparison }) => comparison.contestants[0]?.bytes,
  },
  {
    row: 'compiling 10,000 rules',
    atMost: 1.5,
    unit: 's',
    value: ({ compiling }) => compiling.ms / 1_000,
  },
  {
    row: 'heap of 10,000 rules',
    atMost: 150,
    unit: 'MB',
    value: ({ compiling }) => compiling.heapBytes / 1e6,
  },
]

export type Verdict = {
  readonly row: string
  readonly value: number | undefined
  readonly bound: string
  readonly unit: string
  readonly met: boolean
}

export function verdicts(figures: EngineFigures): readonly Verdict[] {
  const entered = figures.comparison.contestants.map(({ name }) => name)
  return targets
    .filter(({ contestant }) => contestant === undefined || entered.includes(contestant))
    .map((target) => {
      const value = target.value(figures)
      return {
        row: target.row,
        value,
        unit: target.unit,
        bound: 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`,
        met: value !== undefined && meets(value, target),
      }
    })
}

const meets = (value: number, bound: Bound) =>
  'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost

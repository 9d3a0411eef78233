import type { Stage } from '../load/result.ts'

/** How a load comes and goes: rates as shares of a rate R, and seconds. */
export type Shape = {
  readonly description: string
  /** One after the other; the rate changes evenly from the first share to the second. */
  readonly stages: readonly (readonly [seconds: number, from: number, to: number])[]
  /** Each stage is a run of its own, and the first one that breaks a limit ends the whole. */
  readonly untilBroken?: true
}

export const shapes = {
  smoke: {
    description: 'does it work at all: a fiftieth of R',
    stages: [[10, 0.02, 0.02]],
  },
  load: {
    description: 'a working day: up to R, stay there, down again',
    stages: [
      [20, 0.1, 1],
      [60, 1, 1],
      [10, 1, 0.1],
    ],
  },
  stress: {
    description: 'more than it is built for: half as much again as R in steps, and back',
    stages: [
      [20, 0.5, 0.5],
      [20, 1, 1],
      [20, 1.25, 1.25],
      [20, 1.5, 1.5],
      [20, 0.5, 0.5],
    ],
  },
  spike: {
    description: 'everybody at once: twice R out of nothing, and how long it takes to recover',
    stages: [
      [15, 0.2, 0.2],
      [1, 0.2, 2],
      [10, 2, 2],
      [1, 2, 0.2],
      [30, 0.2, 0.2],
    ],
  },
  soak: {
    description: 'an hour at 0.8 R: what leaks or wears out',
    stages: [[3_600, 0.8, 0.8]],
  },
  breakpoint: {
    description: 'more and more, by a tenth of R each step, until a limit breaks',
    stages: Array.from({ length: 40 }, (_, at) => [5, (at + 1) / 10, (at + 1) / 10] as const),
    untilBroken: true,
  },
} as const satisfies Readonly<Record<string, Shape>>

export type ShapeName = keyof typeof shapes
export const shapeNames = Object.keys(shapes) as readonly ShapeName[]

/** The stages of a shape in requests a second. `length` makes all of them shorter or longer. */
export const stagesOf = (shape: Shape, perSecond: number, length = 1): readonly Stage[] =>
  shape.stages.map(([seconds, from, to]) => ({
    seconds: seconds * length,
    fromPerSecond: from * perSecond,
    toPerSecond: to * perSecond,
  }))

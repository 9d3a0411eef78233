import type { EngineResult } from '../../engine/engine.ts'
import { sizes } from '../../engine/growth.ts'
import { engineContent } from '../content/engine.ts'
import { count, figure } from '../units.ts'
import { logarithmic } from './axis.ts'
import type { Figure } from './figure.ts'
import { fitted, type Tone } from './drawing.ts'
import { chart, type Line } from './panel.ts'

const tones: readonly Tone[] = ['one', 'two', 'three', 'four', 'five', 'six']
const drawn = [undefined, 'dashed', 'dotted'] as const

/** Time of a decision as rule sets grow. */
export function engineFigures(result: EngineResult): readonly Figure[] {
  const { points } = result.growth
  if (points.length === 0) return []
  const names = [...new Set(points.map(({ name }) => name))]
  const lines = names.map((name, index): Line => {
    const how = drawn[index % drawn.length]
    return {
      name: fitted(name, 200),
      tone: tones[index % tones.length]!,
      dots: true,
      points: points.filter((point) => point.name === name).map(({ size, us }) => [size, us]),
      ...(how !== undefined && { drawn: how }),
    }
  })
  return [
    {
      title: 'Time of a decision by number of rules',
      reading:
        'Both axes go up ten times a step: a level line costs the same however many rules there are, a steep one grows with them.',
      draw: (width) =>
        chart(width, [
          {
            height: width < 500 ? 280 : 340,
            x: {
              ...logarithmic(
                'rules',
                points.map(({ size }) => size),
              ),
              ticks: sizes.map((size) => ({ value: size, text: count(size) })),
            },
            y: logarithmic(
              'time, µs a decision',
              points.map(({ us }) => us),
            ),
            lines,
            sayings: points.map(({ name, size, us }) => ({
              x: size,
              y: us,
              text: `${name}, ${count(size)} rules: ${figure(us)} µs`,
            })),
          },
        ]),
      table: engineContent(result).tables[1]!,
    },
  ]
}

import { layersContent, throughputOf } from '../content/layers.ts'
import type { LayersPart, ScalingFit } from '../document.ts'
import { count, duration, figure, number } from '../units.ts'
import { linear, logarithmic } from './axis.ts'
import { bars } from './bars.ts'
import type { Figure } from './figure.ts'
import { fitted } from './drawing.ts'
import { chart } from './panel.ts'

export function layersFigures(part: LayersPart): readonly Figure[] {
  const [table, ...fits] = layersContent(part).tables
  return [
    ...(part.rows.length > 0 ? layersFiguresOf(part.rows, table!) : []),
    ...part.scaling.map((fit, index) => scaling(fit, fits[index]!)),
  ]
}

const layersFiguresOf = (rows: LayersPart['rows'], table: Figure['table']): readonly Figure[] => [
  {
    title: 'CPU time a decision, by layer',
    reading:
      'Each bar holds all that is above it and one thing more, so what a bar is longer is what that layer costs; outlined bars are ceilings: the runtime alone, without deciding.',
    draw: (width) =>
      bars(
        width,
        linear('CPU time, µs a decision', [0, ...rows.map(({ cpuUs }) => cpuUs)], {
          steps: width < 500 ? 3 : 6,
        }),
        rows.map(({ layer, cpuUs, ceiling }) => ({
          name: ceiling ? `${layer} (ceiling)` : layer,
          to: cpuUs,
          value: duration(cpuUs),
          tone: ceiling ? 'quiet' : 'one',
          outlined: ceiling === true,
        })),
      ),
    table,
  },
  {
    title: 'Latency, by layer',
    reading:
      'Each bar goes from p50 to p99 on an axis where every step is ten times the one before; many sign-ins in a message wait for each other.',
    draw: (width) =>
      bars(
        width,
        logarithmic(
          'latency, µs',
          rows.flatMap(({ p50Us, p99Us }) => [p50Us, p99Us]),
        ),
        rows.map(({ layer, p50Us, p99Us, ceiling }) => ({
          name: ceiling ? `${layer} (ceiling)` : layer,
          from: p50Us,
          to: p99Us,
          value: `${number(p50Us)} – ${number(p99Us)}`,
          tone: ceiling ? 'quiet' : 'one',
          outlined: ceiling === true,
        })),
      ),
    table,
  },
]

/** The Universal Scalability Law through its points. */
function scaling(fit: ScalingFit, table: Figure['table']): Figure {
  const of = fitted(fit.of, 240)
  const most = Math.max(...fit.points.map(({ n }) => n), 1)
  const to = Math.max(most + 1, Math.min((fit.best ?? 0) * 1.3, most * 3))
  const ns = Array.from({ length: 61 }, (_, index) => 1 + ((to - 1) * index) / 60)
  const measured = fit.points.map(({ n, perSecond }) => [n, perSecond] as const)
  const curve = ns.map((n) => [n, throughputOf(fit, n)] as const)
  const highest = Math.max(...measured.map(([, y]) => y), ...curve.map(([, y]) => y))
  const y = linear('decisions per second', [0, highest], { steps: 5 })
  const ideal = ns
    .map((n) => [n, n * fit.perSecondOfOne] as const)
    .filter(([, perSecond]) => y.place(perSecond) <= 1)
  return {
    title: `Throughput by number of ${fit.of}`,
    reading:
      'Points are measured, the curve is the Universal Scalability Law fitted to them; the further it falls below the dashed line of no waiting, the more they wait for each other.',
    draw: (width) =>
      chart(width, [
        {
          height: width < 500 ? 210 : 250,
          x: {
            ...linear(of, [0, Math.ceil(to)], {
              steps: Math.min(Math.ceil(to), 8),
              format: number,
            }),
          },
          y,
          lines: [
            { name: 'no waiting', tone: 'quiet', drawn: 'dashed', points: ideal },
            { name: 'fit', tone: 'one', points: curve },
            { name: 'measured', tone: 'two', drawn: 'dots', points: measured },
          ],
          ...(fit.best !== undefined &&
            fit.best <= to && {
              rules: [
                {
                  across: 'x',
                  at: fit.best,
                  text: `most at ${count(fit.best)}`,
                  tone: 'good',
                } as const,
              ],
            }),
          sayings: fit.points.map(({ n, perSecond }) => ({
            x: n,
            y: perSecond,
            text: `${count(n)} ${fit.of}: ${figure(perSecond)}/s measured, ${figure(throughputOf(fit, n))}/s by the fit`,
          })),
        },
      ]),
    table,
  }
}

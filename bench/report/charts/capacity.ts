import { capacityContent } from '../content/capacity.ts'
import type { CapacityPart } from '../document.ts'
import { markup } from '../markup.ts'
import { duration, figure, number } from '../units.ts'
import { linear, logarithmic } from './axis.ts'
import type { Figure } from './figure.ts'
import { chart } from './panel.ts'

/** Rate against latency, with the limit and the knee. */
export function capacityFigures(part: CapacityPart): readonly Figure[] {
  const steps = part.steps
    .filter(({ p99Us }) => p99Us > 0)
    .toSorted((a, b) => a.perSecond - b.perSecond)
  if (steps.length === 0) return []
  const { limit, perSecond: knee } = part
  const limitMs = limit.us / 1_000
  const p50 = steps.map((step) => [step.perSecond, step.p50Us / 1_000] as const)
  const p99 = steps.map((step) => [step.perSecond, step.p99Us / 1_000] as const)
  return [
    {
      title: 'Latency by rate',
      reading:
        'Go right to more requests a second: the knee is where p99 crosses the dashed limit; crosses are rates that missed it, or failed otherwise.',
      draw: (width) =>
        chart(width, [
          {
            height: width < 500 ? 240 : 280,
            x: linear('requests per second', [0, ...steps.map((step) => step.perSecond)], {
              steps: 6,
            }),
            y: logarithmic('latency, ms', [
              limitMs,
              ...p50.map(([, y]) => y),
              ...p99.map(([, y]) => y),
            ]),
            lines: [
              { name: 'p50', tone: 'one', points: p50 },
              { name: 'p99', tone: 'two', points: p99 },
            ],
            rules: [
              {
                across: 'y',
                at: limitMs,
                text: `limit of ${limit.percentile}: ${duration(limit.us)}`,
                tone: 'quiet',
              },
              ...(knee === undefined
                ? []
                : [
                    {
                      across: 'x',
                      at: knee,
                      text: `knee: ${number(knee)}/s`,
                      tone: 'good',
                    } as const,
                  ]),
            ],
            under: ({ x, y }) =>
              steps.flatMap(({ perSecond, p50Us, p99Us, met }) =>
                (
                  [
                    [p50Us, 'one'],
                    [p99Us, 'two'],
                  ] as const
                ).map(([us, tone]) => {
                  const [cx, cy] = [x(perSecond), y(us / 1_000)]
                  return met
                    ? markup`<circle class="f-${tone}" cx="${cx}" cy="${cy}" r="4"/>`
                    : markup`<path class="cross s-${tone}" d="M${cx - 5} ${cy - 5}l10 10m0 -10l-10 10"/>`
                }),
              ),
            sayings: steps.map((step) => ({
              x: step.perSecond,
              y: step.p99Us / 1_000,
              text: `${number(step.perSecond)}/s: p50 ${figure(step.p50Us / 1_000)} ms, p99 ${figure(step.p99Us / 1_000)} ms, ${step.met ? 'limit met' : `limit missed${step.because === undefined ? '' : ` (${step.because})`}`}`,
            })),
          },
        ]),
      table: capacityContent(part).tables[0]!,
    },
  ]
}

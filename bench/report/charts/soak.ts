import type { SoakPart } from '../document.ts'
import { squeezed } from '../sparkline.ts'
import { count, figure } from '../units.ts'
import { linear, type Axis } from './axis.ts'
import type { Figure } from './figure.ts'
import { chart, type Panel } from './panel.ts'

const mostPoints = 240

/** Memory over time, with the swaps below it. */
export function soakFigures({ memory, swaps }: SoakPart): readonly Figure[] {
  if (memory.length < 2) return []
  const x = linear('time, s', [0, memory.at(-1)!.second], { steps: 6, tight: true })
  const made = swaps.filter(({ failed }) => failed === undefined)
  return [
    {
      title: 'Memory and swaps over time',
      reading: 'Memory should stay level; each dot is a swap, higher ones took longer.',
      draw: (width) =>
        chart(width, [
          { ...memoryPanel(memory, x, width < 500 ? 120 : 140), withoutX: made.length > 0 },
          ...(made.length === 0 ? [] : [swapsPanel(made, x)]),
        ]),
      table: {
        caption: 'Memory by second',
        columns: [
          { name: 'time', unit: 's' },
          { name: 'resident', unit: 'MB' },
        ],
        rows: thinned(memory).map(([second, rss]) => [count(second), figure(rss)]),
      },
    },
  ]
}

/** Megabytes. */
const thinned = (memory: SoakPart['memory']): readonly (readonly [number, number])[] => {
  const highest = (pick: (each: SoakPart['memory'][number]) => number) =>
    squeezed(memory.map(pick), mostPoints, Math.max)
  const seconds = highest(({ second }) => second)
  return highest(({ rssBytes }) => rssBytes / 1e6).map((rss, at) => [seconds[at]!, rss!])
}

function memoryPanel(memory: SoakPart['memory'], x: Axis, height: number): Panel {
  const points = thinned(memory)
  return {
    height,
    x,
    y: linear('resident memory, MB', [0, ...points.map(([, rss]) => rss)], { steps: 4 }),
    lines: [{ name: '', tone: 'one', points }],
    sayings: points.map(([second, rss]) => ({
      x: second,
      y: rss,
      text: `${count(second)} s: ${figure(rss)} MB`,
    })),
  }
}

const swapsPanel = (swaps: SoakPart['swaps'], x: Axis): Panel => ({
  height: 70,
  x,
  y: linear('time of a swap, ms', [0, ...swaps.map(({ ms }) => ms)], { steps: 3 }),
  lines: [
    {
      name: '',
      tone: 'two',
      drawn: 'dots',
      points: swaps.map(({ second, ms }) => [second, ms] as const),
    },
  ],
})

import { nothing, type Content } from './content.ts'
import type { ComparisonPart } from '../document.ts'
import { change, count, figure, number } from '../units.ts'

export const comparisonContent = ({ a, b, pairs, rows }: ComparisonPart): Content => ({
  ...nothing,
  facts: [['pairs', `${count(pairs)}, A and B in turns`]],
  tables: [
    {
      caption: `B (${b}) against A (${a})`,
      columns: [
        { name: 'metric' },
        { name: 'A' },
        { name: 'B' },
        { name: 'change' },
        { name: '95% interval' },
        { name: 'p' },
        { name: 'B is' },
      ],
      rows: rows.map((row) => [
        `${row.metric}, ${row.unit}`,
        figure(row.medianA),
        figure(row.medianB),
        change(row.change),
        `${change(row.low)} to ${change(row.high)}`,
        probability(row.p),
        row.verdict,
      ]),
    },
  ],
  notes: [
    'A and B are medians; change is the median of B ÷ A − 1 of the pairs, p that of the Mann-Whitney test. ~ says that no difference was found.',
  ],
})

const probability = (p: number) => (p < 0.001 ? '< 0.001' : number(p))

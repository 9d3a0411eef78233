import { nothing, type Content } from './content.ts'
import type { TransportPart } from '../document.ts'
import { count, figure } from '../units.ts'

export const transportContent = ({ rows }: TransportPart): Content => ({
  ...nothing,
  alerts: rows.length === 0 ? ['It was ended before one round was over.'] : [],
  tables: [
    {
      caption: 'A decision on another thread',
      columns: [
        { name: '' },
        { name: 'together' },
        { name: 'CPU of the asking thread', unit: 'µs' },
        { name: 'CPU of both', unit: 'µs' },
        { name: 'time', unit: 'µs' },
      ],
      rows: rows.map(({ contender, together, askingUs, bothUs, wallUs }) => [
        contender,
        count(together),
        figure(askingUs),
        figure(bothUs),
        figure(wallUs),
      ]),
    },
  ],
  notes: [
    'Medians of rounds in which all take turns; one message is under way at a time, with as many questions as stand under together.',
  ],
})

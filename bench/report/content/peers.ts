import { nothing, type Content } from './content.ts'
import type { PeersPart } from '../document.ts'
import { count, figure, megabytes, ms, number } from '../units.ts'

export const peersContent = ({ rows }: PeersPart): Content => ({
  ...nothing,
  alerts: rows.every(({ cannot }) => cannot !== undefined) ? ['Nobody could take part.'] : [],
  tables: [
    {
      caption: 'The same decisions over HTTP',
      columns: [
        { name: '' },
        { name: 'CPU', unit: 'µs' },
        { name: '÷ ours', unit: '×' },
        { name: 'rate', unit: '/s' },
        { name: 'asked at', unit: '/s' },
        { name: 'p50', unit: 'ms' },
        { name: 'p99', unit: 'ms' },
        { name: 'p99.9', unit: 'ms' },
        { name: 'memory', unit: 'MB' },
        { name: 'checked' },
      ],
      rows: rows
        .filter(({ cannot }) => cannot === undefined)
        .map((row) => [
          row.peer,
          figure(row.cpuUs),
          figure(row.timesOurs),
          number(row.perSecond),
          number(row.atPerSecond),
          ms(row.p50Us),
          ms(row.p99Us),
          ms(row.p999Us),
          megabytes(row.rssBytes),
          row.checked === undefined ? '–' : count(row.checked),
        ]),
    },
  ],
  notes: [
    'CPU is that of the whole process, a decision; ÷ ours is the median of the rounds; memory is resident at the end; checked: answers compared before anything was timed.',
    'Rate is what 16 connections reach, each waiting for its answer; p50 to p99.9 are what callers wait at the rate beside them.',
    ...rows.flatMap(({ peer, note }) => (note === undefined ? [] : [`${peer}: ${note}`])),
    ...rows.flatMap(({ peer, cannot }) =>
      cannot === undefined ? [] : [`${peer} did not take part: ${cannot}`],
    ),
  ],
})

import { nothing, type Content } from './content.ts'
import type { LayersPart } from '../document.ts'
import { count, figure, number, percent } from '../units.ts'

export const layersContent = ({ rows, scaling }: LayersPart): Content => ({
  ...nothing,
  alerts: rows.length + scaling.length === 0 ? ['Nothing was measured.'] : [],
  tables: [
    {
      caption: 'The same decisions through ever more of the service',
      columns: [
        { name: 'layer' },
        { name: 'CPU', unit: 'µs' },
        { name: 'rate', unit: '/s' },
        { name: 'p50', unit: 'µs' },
        { name: 'p99', unit: 'µs' },
      ],
      rows: rows.map((row) => [
        row.ceiling ? `${row.layer} (ceiling)` : row.layer,
        figure(row.cpuUs),
        number(row.perSecond),
        figure(row.p50Us),
        figure(row.p99Us),
      ]),
    },
    ...scaling.map((fit) => ({
      caption: `Throughput by number of ${fit.of}`,
      columns: [{ name: fit.of }, { name: 'measured', unit: '/s' }, { name: 'fit', unit: '/s' }],
      rows: fit.points.map(({ n, perSecond }) => [
        count(n),
        number(perSecond),
        number(throughputOf(fit, n)),
      ]),
    })),
  ],
  notes: [
    'CPU is time of the process that decides, a decision. A ceiling does no deciding: a bare runtime that echoes the same body.',
    ...scaling.map(
      (fit) =>
        `${fit.of}: contention ${percent(fit.contention)}, crosstalk ${percent(fit.crosstalk)}; ${
          fit.best === undefined
            ? 'no number beyond which more make it slower is in sight'
            : `more than ${count(fit.best)} make it slower`
        }.`,
    ),
  ],
})

/** Universal Scalability Law. */
export const throughputOf = (
  fit: Pick<LayersPart['scaling'][number], 'perSecondOfOne' | 'contention' | 'crosstalk'>,
  n: number,
): number => (n * fit.perSecondOfOne) / (1 + fit.contention * (n - 1) + fit.crosstalk * n * (n - 1))

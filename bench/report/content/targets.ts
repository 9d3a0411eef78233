import { nothing, type Content } from './content.ts'
import type { TargetsPart } from '../document.ts'
import { count, figure, number } from '../units.ts'

export const targetsContent = ({ rows }: TargetsPart): Content => ({
  ...nothing,
  alerts: rows.every(({ value }) => value === undefined) ? ['Nothing was measured.'] : [],
  tables: [
    {
      caption: 'Targets',
      columns: [
        { name: 'row' },
        { name: 'what' },
        { name: 'wanted' },
        { name: 'measured' },
        { name: 'from' },
        { name: 'to' },
        { name: 'rounds' },
        { name: 'verdict' },
      ],
      rows: rows
        .filter(({ cannot }) => cannot === undefined)
        .map(({ name, what, wanted, unit, value, least, most, rounds, met }) => [
          name,
          what,
          wanted,
          value === undefined ? '–' : `${figure(value)} ${unit}`,
          figure(least),
          figure(most),
          count(rounds),
          met ? 'met' : 'falls short',
        ]),
    },
  ],
  facts: rows
    .filter(({ figures }) => figures.length > 0)
    .map(({ name, figures }) => [
      name,
      Object.entries(Object.groupBy(figures, ({ of }) => of ?? ''))
        .map(([of, own = []]) => {
          const values = own.map((each) => `${each.name} ${number(each.value)} ${each.unit}`.trim())
          return `${of === '' ? '' : `${of}: `}${values.join(', ')}`
        })
        .join('; '),
    ]),
  notes: rows.map(({ name, method, cannot }) =>
    cannot === undefined ? `${name}: ${method}` : `${name} was not measured: ${cannot}`,
  ),
})

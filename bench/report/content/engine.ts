import type { EngineResult } from '../../engine/engine.ts'
import { sizes } from '../../engine/growth.ts'
import { nothing, type Content } from './content.ts'
import { count, figure, number } from '../units.ts'

export function engineContent({ comparison, growth, compiling, verdicts }: EngineResult): Content {
  const { contestants } = comparison
  const names = [...new Set(growth.points.map(({ name }) => name))]
  const us = (name: string, size: number) =>
    growth.points.find((point) => point.name === name && point.size === size)?.us
  return {
    ...nothing,
    facts: [
      [
        'compiling',
        `${count(compiling.rules)} rules in a thread: ${number(compiling.ms)} ms to the first decision, ${number(compiling.heapBytes / 1e6)} MB kept; main thread held up for ${number(compiling.mainThreadHeldUpMs)} ms at most`,
      ],
      ['checked', `answers equal on ${count(comparison.checkedSignIns)} sign-ins`],
    ],
    tables: [
      {
        caption: `One decision in process, ${count(comparison.rounds)} rounds`,
        columns: [
          { name: 'engine' },
          { name: 'p50', unit: 'µs' },
          { name: 'p99', unit: 'µs' },
          { name: '÷ compiled', unit: '×' },
          { name: 'allocated', unit: 'B' },
        ],
        rows: contestants
          .filter(({ cannot }) => cannot === undefined)
          .map((each) => [
            each.name,
            figure(each.p50Us),
            figure(each.p99Us),
            figure(each.timesFirst),
            number(each.bytes),
          ]),
      },
      {
        caption: 'Time of a decision by number of rules',
        columns: [{ name: 'rules' }, ...sizes.map((size) => ({ name: count(size), unit: 'µs' }))],
        rows: names.map((name) => [name, ...sizes.map((size) => figure(us(name, size)))]),
      },
      {
        caption: 'Targets of deciding',
        columns: [{ name: '' }, { name: 'measured' }, { name: 'wanted' }, { name: 'verdict' }],
        rows: verdicts.map(({ row, value, unit, bound, met }) => [
          row,
          value === undefined ? 'not measured' : `${number(value)} ${unit}`,
          `${bound} ${unit}`,
          met ? 'met' : 'falls short',
        ]),
      },
    ],
    notes: [
      ...contestants.flatMap(({ name, cannot }) =>
        cannot === undefined ? [] : [`${name} did not take part: ${cannot}`],
      ),
      ...growth.leftOut.map(
        ({ name, size, why }) => `${name} is left out from ${count(size)} rules on: ${why}`,
      ),
    ],
  }
}

import type { EngineResult } from './engine.ts'
import { sizes } from './growth.ts'
import { rounded, table } from '../table.ts'

/** What the engine bench found, for reading. */
export function engineReport(result: EngineResult): string {
  const { comparison, compiling, growth } = result
  const { contestants, rounds, checkedSignIns } = comparison
  const took = contestants.filter(({ cannot }) => cannot === undefined)
  const names = [...new Set(growth.points.map(({ name }) => name))]
  const us = (name: string, size: number) =>
    growth.points.find((point) => point.name === name && point.size === size)?.us
  const leftOut = [
    ...contestants.flatMap(({ name, cannot }) =>
      cannot === undefined ? [] : [`${name}: ${cannot}`],
    ),
    ...growth.leftOut.map(({ name, size, why }) => `${name} from ${size} rules on: ${why}`),
  ]
  return [
    `One decision, ${rounds} rounds; answers equal on ${checkedSignIns} sign-ins, json-rules-engine's own included`,
    table([
      ['', 'p50 µs', 'p99 µs', '÷ compiled', 'bytes', 'decisions'],
      ...took.map(({ name, p50Us, p99Us, timesFirst, bytes, decisions }) => [
        name,
        rounded(p50Us),
        rounded(p99Us),
        rounded(timesFirst),
        rounded(bytes),
        rounded(decisions),
      ]),
    ]),
    'µs a decision by number of rules',
    table([
      ['', ...sizes.map((size) => size.toLocaleString('en'))],
      ...names.map((name) => [name, ...sizes.map((size) => rounded(us(name, size)))]),
    ]),
    `Compiling ${compiling.rules.toLocaleString('en')} rules in a thread: ${rounded(compiling.ms)} ms to the first decision, ${rounded(compiling.heapBytes / 1e6)} MB kept, ${rounded(compiling.allocatedBytes / 1e6)} MB allocated; main thread held up for ${rounded(compiling.mainThreadHeldUpMs)} ms at most`,
    'Targets',
    table([
      ['', 'measured', 'wanted', ''],
      ...result.verdicts.map(({ row, value, bound, unit, met }) => [
        row,
        `${rounded(value)} ${unit}`,
        `${bound} ${unit}`,
        met ? 'met' : 'FALLS SHORT',
      ]),
    ]),
    [
      'Notes',
      ...notes,
      `decisions are remembered by what the rules can see of a sign-in; of sign-ins that were never seen before, 10,000 rules take ${rounded(growth.factorOfNew)} times as long as 10`,
      `with the index at all sizes, 10,000 rules take ${rounded(growth.factorOfIndex)} times as long as 10; up to 120 rules something quicker is chosen`,
      ...leftOut.map((each) => `left out: ${each}`),
    ].join('\n  '),
  ].join('\n\n')
}

const notes = [
  'parsing and adapting a sign-in are not timed; every batch of sign-ins is parsed afresh',
  'p50 is of rounds, p99 of batches; ÷ compiled is the median of the ratios of each round',
  'the other engines tell which rules apply; the decision that follows is ours, and remembered',
]

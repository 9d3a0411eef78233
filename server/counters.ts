import { outcomes, type Outcome } from '../engine/index.ts'
import { reasons, type Reason } from './access/refusals.ts'
import { askings } from './asking.ts'
import { bytesFor, namedCounts, type NamedCounts } from './named-counts.ts'
import { problems, type ProblemName } from './problems.ts'

export const gcKinds = ['major', 'minor', 'incremental', 'weakcb'] as const
export type GcKind = (typeof gcKinds)[number]
/** Upper bounds of the histogram of pauses, in seconds. */
export const gcBounds = [0.001, 0.01, 0.1, 1, 2, 5] as const
/** Upper bounds of the histogram of what a decision takes, in seconds: of those taken on the spot, and of those that wait. */
export const decisionBounds = [
  0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01,
  0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
] as const
/** Upper bounds of the histogram of how many sign-ins a batch has. */
export const batchBounds = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] as const
/** How batches are sent. */
export const batchForms = ['array', 'stream'] as const
export type BatchForm = (typeof batchForms)[number]
export const problemNames = Object.keys(problems) as readonly ProblemName[]

/** How a thread that talks HTTP is; nothing when there is none. */
export const states = [
  'open connections',
  'delay p50',
  'delay p99',
  'delay max',
  'heap total',
  'heap used',
  'heap external',
] as const

/** What it counts, and how it is. */
const ofListeners = [
  ...outcomes.map((outcome: Outcome) => `decided ${outcome}` as const),
  'explained',
  // One after the other: a histogram's place is that of its first bound, and each value counts in one of them.
  ...askings.flatMap((asking) => [
    ...decisionBounds.map((bound) => `took ${asking} ${bound}` as const),
    `took ${asking} more` as const,
    `took ${asking} sum` as const,
  ]),
  ...batchForms.flatMap((form) => [
    ...batchBounds.map((bound) => `batch ${form} ${bound}` as const),
    `batch ${form} more` as const,
    `batch ${form} sum` as const,
  ]),
  ...askings.map((asking) => `shed ${asking}` as const),
  ...problemNames.map((name) => `refused ${name}` as const),
  ...reasons.map((reason: Reason) => `no access ${reason}` as const),
  ...gcKinds.flatMap((kind) => [
    `gc ${kind} count` as const,
    `gc ${kind} seconds` as const,
    ...gcBounds.map((bound) => `gc ${kind} ${bound}` as const),
  ]),
  'connections',
  'shadow skipped',
  ...states,
  'log dropped',
  'log denied',
  'log late',
] as const
/** What the main thread alone knows, and writes into its own row. */
const ofService = [
  'ready',
  'listeners up',
  'listener restarts',
  'pool threads',
  'pool waiting',
  'pool oldest ms',
  'pool lost',
  'pool retried',
  'bundle number',
  'bundle ok',
  'bundle success ms',
] as const
const columns = [...ofListeners, ...ofService]
export type Column = (typeof columns)[number]

const places = Object.fromEntries(columns.map((column, at) => [column, at])) as Record<
  Column,
  number
>

/** The numbers of one thread: it alone writes them, so that plain stores are enough. */
export type Row = Float64Array

/** What is counted by name, in each row, with the room that it has: the rules that decided, and the facts that were assumed. */
const namings = {
  rules: { names: 2_000, bytes: 128_000 },
  facts: { names: 256, bytes: 16_384 },
} as const
export type Naming = keyof typeof namings
/** How many names of each there can be. */
export const mostNamed = { rules: namings.rules.names, facts: namings.facts.names } as const

/**
 * Numbers that all threads of the service share: a row a listener, the first of which is the main thread's, and a column a number.
 * What a listener counted outlives its thread; the one that takes its place goes on from there.
 */
export type Counters = {
  readonly memory: SharedArrayBuffer
  readonly rows: readonly Row[]
  /** Of each row, what is counted by name. */
  readonly named: Readonly<Record<Naming, readonly NamedCounts[]>>
}

const columnBytes = columns.length * Float64Array.BYTES_PER_ELEMENT
const rowBytes =
  columnBytes + Object.values(namings).reduce((total, room) => total + bytesFor(room), 0)

export const newCounters = (listeners: number): Counters =>
  countersIn(new SharedArrayBuffer(listeners * rowBytes))

/** The same numbers, in another thread. */
export function countersIn(memory: SharedArrayBuffer): Counters {
  const starts = Array.from({ length: memory.byteLength / rowBytes }, (_, row) => row * rowBytes)
  let offset = columnBytes
  const named = Object.fromEntries(
    Object.entries(namings).map(([naming, room]) => {
      const from = offset
      offset += bytesFor(room)
      return [naming, starts.map((start) => namedCounts(memory, start + from, room))]
    }),
  ) as unknown as Record<Naming, readonly NamedCounts[]>
  return {
    memory,
    rows: starts.map((start) => new Float64Array(memory, start, columns.length)),
    named,
  }
}

export const place = (column: Column): number => places[column]

export const read = (row: Row, column: Column): number => row[place(column)]!

export const sum = ({ rows }: Counters, column: Column): number =>
  rows.reduce((total, row) => total + read(row, column), 0)

export function write(row: Row, values: Partial<Record<Column, number>>): void {
  for (const [column, value] of Object.entries(values)) row[place(column as Column)] = value
}

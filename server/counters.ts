import { outcomes, type Outcome } from '../engine/index.ts'
import { reasons, type Reason } from './access/refusals.ts'
import { askings } from './asking.ts'
import { problems, type ProblemName } from './problems.ts'

export const gcKinds = ['major', 'minor', 'incremental', 'weakcb'] as const
export type GcKind = (typeof gcKinds)[number]
/** Upper bounds of the histogram of pauses, in seconds. */
export const gcBounds = [0.001, 0.01, 0.1, 1, 2, 5] as const
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
] as const
const columns = [...ofListeners, ...ofService]
export type Column = (typeof columns)[number]

const places = Object.fromEntries(columns.map((column, at) => [column, at])) as Record<
  Column,
  number
>

/** The numbers of one thread: it alone writes them, so that plain stores are enough. */
export type Row = Float64Array

/**
 * Numbers that all threads of the service share: a row a listener, the first of which is the main thread's, and a column a number.
 * What a listener counted outlives its thread; the one that takes its place goes on from there.
 */
export type Counters = {
  readonly memory: SharedArrayBuffer
  readonly rows: readonly Row[]
}

export const newCounters = (listeners: number): Counters =>
  countersIn(new SharedArrayBuffer(listeners * columns.length * Float64Array.BYTES_PER_ELEMENT))

/** The same numbers, in another thread. */
export function countersIn(memory: SharedArrayBuffer): Counters {
  const listeners = memory.byteLength / columns.length / Float64Array.BYTES_PER_ELEMENT
  const rows = Array.from(
    { length: listeners },
    (_, row) =>
      new Float64Array(
        memory,
        row * columns.length * Float64Array.BYTES_PER_ELEMENT,
        columns.length,
      ),
  )
  return { memory, rows }
}

export const place = (column: Column): number => places[column]

export const read = (row: Row, column: Column): number => row[place(column)]!

export const sum = ({ rows }: Counters, column: Column): number =>
  rows.reduce((total, row) => total + read(row, column), 0)

export function write(row: Row, values: Partial<Record<Column, number>>): void {
  for (const [column, value] of Object.entries(values)) row[place(column as Column)] = value
}

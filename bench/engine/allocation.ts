import { getHeapStatistics } from 'node:v8'
import type { Prepared, Synchronous } from './contestant.ts'
import type { SignIns } from './sign-ins.ts'
import { median } from '../statistics.ts'

const decisionsPerRound = 40_000
const rounds = 7

/**
 * Bytes that one decision allocates on the heap, by V8's own count of all it ever allocated, so that collecting garbage makes
 * no difference. What the loop itself costs is subtracted. The count grows by whole blocks, hence the many decisions.
 */
export function bytesPerDecision(
  { adapt, decide }: Extract<Prepared, Synchronous>,
  signIns: SignIns,
): number {
  const inputs = signIns.fresh().map(adapt)
  const bytes = Array.from(
    { length: rounds },
    () => allocated(decide, inputs) - allocated(nothing, inputs),
  )
  return Math.max(0, median(bytes))
}

const nothing = (input: unknown) => input

function allocated(decide: (input: unknown) => unknown, inputs: readonly unknown[]): number {
  const turns = Math.ceil(decisionsPerRound / inputs.length)
  const before = getHeapStatistics().total_allocated_bytes
  for (let turn = 0; turn < turns; turn++) for (const input of inputs) decide(input)
  return (getHeapStatistics().total_allocated_bytes - before) / (turns * inputs.length)
}

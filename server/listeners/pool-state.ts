import type { DeciderState } from '../../engine/index.ts'
import { read, write, type Counters } from '../counters.ts'

/** Writes how the pool is where all threads can read it; only the main thread, which has the pool, may. */
export const writePoolState = ({ rows }: Counters, state: DeciderState): void =>
  write(rows[0]!, {
    'pool threads': state.threads,
    'pool waiting': state.waiting,
    'pool oldest ms': state.oldestMs,
    'pool lost': state.lost,
    'pool retried': state.retried,
  })

/** How the pool was when it was last written. */
export function poolState({ rows }: Counters): DeciderState {
  const row = rows[0]!
  return {
    threads: read(row, 'pool threads'),
    waiting: read(row, 'pool waiting'),
    oldestMs: read(row, 'pool oldest ms'),
    lost: read(row, 'pool lost'),
    retried: read(row, 'pool retried'),
  }
}

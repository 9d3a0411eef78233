import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/** Lets the calling thread have what the others leave over, or some more, where the system can do that for one thread (Linux). */
export function lowerPriority(to: number = constants.priority.PRIORITY_LOW): void {
  try {
    const [, thread] = /task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? []
    if (thread !== undefined) setPriority(Number(thread), to)
  } catch {
    // then it competes with them
  }
}

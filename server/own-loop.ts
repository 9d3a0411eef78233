import { Piscina } from 'piscina'

/** A thread for one task that runs as long as the thread does, on an event loop of its own. What becomes of it, the task says. */
export function ownLoop<Start, End>(filename: string): Piscina<Start, End> {
  const thread = new Piscina<Start, End>({
    filename,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Infinity,
    atomics: 'disabled', // the thread has an event loop of its own to run
    recordTiming: false,
  })
  thread.on('error', () => undefined) // its task says so too
  return thread
}

import type { Log, Running, Settings } from '../server/index.ts'
import { exit, plural } from './io.ts'

const signals = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const
/**
 * Within so many milliseconds a second signal is the first one, passed on once more: `timeout` signals its command and then its group,
 * and a terminal both npm and what npm runs.
 */
const sameSignalMs = 500
/** What a stop may take beyond its own delay and timeout, in milliseconds. */
const graceMs = 5_000
/** What was asked before an error that nobody caught may still be answered, but not for long. */
const longestAfterErrorMs = 1_000

/**
 * Keeps the service, once it has started, until a signal stops it, or an error that nobody caught: what state it left is not known. Resolves to the exit
 * code. Whatever comes while it is stopping ends the process at once, but for the same signal once more, and SIGHUP, which reloads the rules of a service that is not.
 */
export function untilStopped(
  starting: Promise<Running>,
  { stopDelay, stopTimeout }: Settings,
  log: Log,
): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false
    let signalled = -Infinity
    const begin = (code: number, delayMs: number, timeoutMs: number) => {
      stopping = true
      const longest = delayMs + timeoutMs + graceMs
      setTimeout(() => {
        log(`it did not stop within ${longest} ms`)
        process.exit(exit.internal)
      }, longest).unref()
      starting
        .then(({ stop }) => stop({ delayMs, timeoutMs }))
        .then(
          (cutOff) => {
            log(cutOff === 0 ? 'stopped' : `stopped; ${plural(cutOff, 'request')} cut off`)
            resolve(cutOff > 0 && code === exit.ok ? exit.findings : code)
          },
          (error: unknown) => {
            log(`internal error: ${String(error)}`)
            resolve(exit.internal)
          },
        )
    }
    for (const signal of signals)
      process.on(signal, () => {
        const now = performance.now()
        if (now - signalled < sameSignalMs) return
        signalled = now
        if (stopping) {
          log(`${signal} again: stopped at once`)
          process.exit(exit.findings)
        }
        log(`${signal}: finishing what is under way`)
        begin(exit.ok, stopDelay, stopTimeout)
      })
    process.on('SIGHUP', () => {
      if (!stopping)
        void starting.then(
          ({ ruleSets }) => ruleSets.reload('signal'),
          () => undefined,
        )
    })
    process.on('uncaughtException', (error) => {
      log(`internal error: ${error.stack ?? error.message}`)
      if (stopping) process.exit(exit.internal)
      begin(exit.internal, 0, Math.min(stopTimeout, longestAfterErrorMs))
    })
  })
}

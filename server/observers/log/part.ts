import { sum, type Counters } from '../../counters.ts'
import type { Log } from '../../log.ts'
import type { Part } from '../../parts.ts'
import type { Settings } from '../../settings.ts'
import { fileSink } from './file-sink.ts'
import type { DecisionLogSetup } from './observer.ts'
import { bell as newBell, ring, ringMemory } from './ring.ts'
import type { Sink } from './sink.ts'
import { stdoutSink } from './stdout-sink.ts'
import { startWriter } from './writer.ts'

/** Bytes given to the system at once. */
const mostAtOnce = 1_048_576
/** A stop waits so long for a slow disk. */
const stopWithinMs = 3_000
/** How often the operator is told of entries that are missing, at most. */
const tellEveryMs = 10_000

/** The log can't be written in the first place. */
export class LogUnusable extends Error {
  override readonly name = 'LogUnusable'
}

/** The decision log of the service. `settings.decisionLog` is not `none`. Rejects with `LogUnusable`. */
export async function decisionLogPart(
  settings: Settings,
  counters: Counters,
  log: Log,
  sink?: Sink,
): Promise<Part> {
  const { decisionLog: to, decisionLogFsync: fsync, decisionLogMaxBytes: maxBytes } = settings
  const opened = sink ?? (await open())
  const setup: DecisionLogSetup = {
    rings: counters.rows.map(() => ringMemory(settings.decisionLogBuffer / settings.listeners)),
    bell: newBell().memory,
    counters: counters.memory,
    mostWaiting: Math.floor(settings.decisionLogBuffer / settings.listeners),
    onFull: settings.decisionLogOnFull,
    answersWait: fsync === 'answer',
    waitMs: settings.decisionTimeout,
    mask: settings.decisionLogMask,
  }

  async function open(): Promise<Sink> {
    try {
      if (to === 'stdout') return stdoutSink()
      const tell = (line: string) => log(`decision log: ${line}`, { level: 'warn' })
      return await fileSink(to, { maxBytes, keep: settings.decisionLogKeep, fsync, tell })
    } catch (error) {
      throw new LogUnusable(`the decision log can't be written: ${(error as Error).message}`)
    }
  }

  const bell = newBell(setup.bell)
  const writer = startWriter({
    rings: setup.rings.map((memory) => ring(memory)),
    bell,
    sink: opened,
    fsync,
    mostAtOnce: maxBytes > 0 ? Math.min(mostAtOnce, maxBytes) : mostAtOnce,
    failed: (error) =>
      log(`the decision log can't be written: ${error.message}; ${writer.waiting()} bytes wait`, {
        level: 'error',
      }),
    recovered: () => log('the decision log is written again'),
  })
  const missing = () => ({
    dropped: sum(counters, 'log dropped'),
    denied: sum(counters, 'log denied'),
    late: sum(counters, 'log late'),
  })
  let told = missing()
  let lost = 0
  const tellMissing = () => {
    const now = missing()
    const parts = [
      [now.dropped - told.dropped, 'entries dropped'],
      [now.denied - told.denied, 'decisions denied'],
      [now.late - told.late, 'answers held back too long'],
    ].filter(([count]) => Number(count) > 0)
    told = now
    if (parts.length === 0) return
    const text = parts.map(([count, what]) => `${count} ${what}`).join(', ')
    log(`the decision log is full or behind: ${text}`, { level: 'error' })
  }
  const telling = setInterval(tellMissing, tellEveryMs)
  telling.unref()

  return {
    observers: { decisionLog: setup },
    status: () => {
      const { entries, failures } = writer.written()
      const isWritten = !bell.isFailing()
      return {
        decisionLog: {
          to,
          isWritten,
          written: entries,
          waiting: writer.waiting(),
          failures,
          lost,
          ...missing(),
        },
      }
    },
    families: () => {
      const { entries, bytes, failures } = writer.written()
      const { dropped, denied, late } = missing()
      return {
        portcullis_decision_log_written_total: {
          type: 'counter',
          help: 'Entries of the decision log that were written.',
          samples: [[entries]],
        },
        portcullis_decision_log_written_bytes_total: {
          type: 'counter',
          help: 'Bytes of them.',
          samples: [[bytes]],
        },
        portcullis_decision_log_not_written_total: {
          type: 'counter',
          help: 'Entries that were not: the decision was told without one (dropped), or not told (denied), or was in memory at the end (lost).',
          samples: [
            [dropped, { reason: 'dropped' }],
            [denied, { reason: 'denied' }],
            [lost, { reason: 'lost' }],
          ],
        },
        portcullis_decision_log_late_total: {
          type: 'counter',
          help: 'Answers that became 503 since the decision log did not take their entries in time; it may have taken them later.',
          samples: [[late]],
        },
        portcullis_decision_log_failures_total: {
          type: 'counter',
          help: 'Attempts to write or sync the decision log that failed.',
          samples: [[failures]],
        },
        portcullis_decision_log_waiting_bytes: {
          type: 'gauge',
          help: 'Bytes that wait in memory to be written.',
          samples: [[writer.waiting()]],
        },
        portcullis_decision_log_failing: {
          type: 'gauge',
          help: '1 while the decision log can not be written.',
          samples: [[bell.isFailing() ? 1 : 0]],
        },
      }
    },
    async stop() {
      clearInterval(telling)
      lost = await writer.stop(stopWithinMs)
      tellMissing()
      if (lost > 0) log(`${lost} entries of the decision log were lost`, { level: 'error' })
    },
  }
}

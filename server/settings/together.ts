import { mostOfBatches } from '../../engine/index.ts'
import { maskFault } from '../observers/log/mask.ts'
import type { SettingName, Settings } from '../settings.ts'

/** What settings must keep between them. */
export type Together = {
  readonly of: readonly SettingName[]
  /** What is wrong, said as "expected …, got …". */
  readonly wrong: (settings: Settings) => string | undefined
}

/** An entry of the decision log is the sign-in and less than so many bytes more. */
const mostBesideSignIn = 65_536

export const together: readonly Together[] = [
  {
    of: ['batchLimit', 'queueLimit'],
    wrong({ batchLimit, queueLimit }) {
      const most = mostOfBatches(queueLimit)
      return batchLimit > most
        ? `expected a batch limit of at most ${most}, the part of the queue limit of ${queueLimit} that batches may take, got ${batchLimit}`
        : undefined
    },
  },
  {
    of: ['batchBodyLimit', 'batchBytesLimit'],
    wrong: ({ batchBodyLimit, batchBytesLimit }) =>
      batchBodyLimit > batchBytesLimit
        ? `expected a batch body limit of at most the limit of all batches, ${batchBytesLimit}, got ${batchBodyLimit}`
        : undefined,
  },
  {
    of: ['decisionLog', 'decisionLogBuffer', 'listeners', 'bodyLimit'],
    wrong({ decisionLog, decisionLogBuffer, listeners, bodyLimit }) {
      const least = listeners * (bodyLimit + mostBesideSignIn)
      return decisionLog !== 'none' && decisionLogBuffer < least
        ? `expected a decision log buffer of at least ${least}, the longest entry for each listener, got ${decisionLogBuffer}`
        : undefined
    },
  },
  {
    of: ['decisionLogFsync', 'decisionLogOnFull'],
    wrong: ({ decisionLogFsync, decisionLogOnFull }) =>
      decisionLogFsync === 'answer' && decisionLogOnFull === 'drop'
        ? 'expected block or deny, since an answer that waits for its entry can not go without, got drop'
        : undefined,
  },
  { of: ['decisionLogMask'], wrong: ({ decisionLogMask }) => maskFault(decisionLogMask) },
]

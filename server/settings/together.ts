import { mostOfBatches } from '../../engine/index.ts'
import type { SettingName, Settings } from '../settings.ts'

/** What settings must keep between them. */
export type Together = {
  readonly of: readonly SettingName[]
  /** What is wrong, said as "expected …, got …". */
  readonly wrong: (settings: Settings) => string | undefined
}

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
]

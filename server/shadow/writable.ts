import { fileSink } from '../observers/log/file-sink.ts'
import { LogUnusable } from '../observers/log/part.ts'
import type { ShadowFile } from './messages.ts'

/** Rejects with `LogUnusable` where the shadow log can't be written in the first place. */
export async function mustBeWritable({ path, maxBytes, keep }: ShadowFile): Promise<void> {
  try {
    const sink = await fileSink(path, { maxBytes, keep, fsync: 'never', tell: () => undefined })
    await sink.close()
  } catch (error) {
    throw new LogUnusable(`the shadow log can't be written: ${(error as Error).message}`)
  }
}

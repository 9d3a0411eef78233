import { KeyError } from '../bundle/index.ts'
import { UsageError } from './io.ts'

/** What is wrong with a key or a file is for the user to mend. */
export function usable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof KeyError || error instanceof RangeError || isOfFiles(error))
      throw new UsageError(error.message)
    throw error
  }
}

export const isOfFiles = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error

import type { Io } from '../io.ts'
import { humanText } from './human.ts'
import type { PackReport } from './report.ts'

/** The ways in which `portcullis verify` tells what it found. */
export const formats = {
  human: humanText,
  json: (reports: readonly PackReport[]) => `${JSON.stringify(reports, null, 2)}\n`,
} as const satisfies Readonly<Record<string, (reports: readonly PackReport[], io: Io) => string>>

export type Format = keyof typeof formats

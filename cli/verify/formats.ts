import type { Io } from '../io.ts'
import { humanText } from './human.ts'
import { junitText } from './junit.ts'
import type { PackReport } from './report.ts'
import { sarifText } from './sarif.ts'

/** The ways in which `portcullis verify` tells what it found. */
export const formats = {
  human: humanText,
  json: (reports: readonly PackReport[]) => `${JSON.stringify(reports, null, 2)}\n`,
  junit: junitText,
  sarif: sarifText,
} as const satisfies Readonly<Record<string, (reports: readonly PackReport[], io: Io) => string>>

export type Format = keyof typeof formats

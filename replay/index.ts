/** The front door of log replay. */
export { replay } from './replay.ts'
export type { Report } from './report.ts'
export { rowsOf, type Row } from './rows.ts'

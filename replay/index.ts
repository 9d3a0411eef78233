/** The front door of log replay. */
export { replayAssumptions } from './assumptions.ts'
export { withRotated } from './decision-log/files.ts'
export { eachLine } from './decision-log/lines.ts'
export { logReplay, type LogReport } from './decision-log/replay-log.ts'
export { mapRow, type Mapped } from './mapping.ts'
export { replay } from './replay.ts'
export type { Report } from './report.ts'
export { rowsOf, type Row } from './rows.ts'

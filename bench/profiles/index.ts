/** The profiles of load: what is asked, as data. */
export {
  profileOfLog,
  type LogFile,
  type LogProfile,
  type LogProfileOptions,
  type LogProfileReport,
} from './of-log.ts'
export { parseProfile, type Known, type ParsedProfile } from './parse.ts'
export type { Arrivals, Form, Part, Profile } from './profile.ts'
export { profileNames, readProfile } from './read.ts'
export { workloadOf, type WorkloadOptions } from './workload.ts'

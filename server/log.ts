/** For the operator: a line for people, and with it what programs want to know of it, in plain data. */
export type Log = (line: string, fields?: LogFields) => void

export type LogFields = {
  /** Where it is not said: `error` if the line begins with `internal error:`, `warn` if with `warning:`, else `info`. */
  readonly level?: 'info' | 'warn' | 'error'
  /** Never a secret. */
  readonly [field: string]: unknown
}

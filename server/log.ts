/** For the operator: a line for people, and with it what programs want to know of it, in plain data. */
export type Log = (line: string, fields?: LogFields) => void

export type LogFields = {
  /** `info` if it is not said. */
  readonly level?: 'info' | 'warn' | 'error'
  /** Never a secret. */
  readonly [field: string]: unknown
}

/** Problem details (RFC 9457) as the service sends them. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly errors?: readonly {
    readonly pointer: string
    readonly expected: string
    readonly got: string
    readonly hint?: string
    /** Where it stands in a file of the rules. */
    readonly at?: {
      readonly file: string
      readonly line: number
      readonly column: number
      readonly length: number
    }
  }[]
}

/**
 * Why there is no answer. `unreachable`: no connection, or it ended before the whole answer came. `late`: it took longer than it may.
 * `problem`: the service says what is wrong. `unexpected`: what came is no answer of the service, and nothing of it is believed.
 */
export const failures = ['unreachable', 'late', 'problem', 'unexpected'] as const
export type Failure = (typeof failures)[number]

/** The only kind of error that a client's questions end with. It is never an allow, and shows no token. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly failure: Failure
  readonly status: number | undefined
  readonly problem: Problem | undefined
  /** How often it was asked. */
  attempts = 1
  /** Milliseconds after which the service wants to be asked again. */
  readonly retryAfterMs: number | undefined

  constructor(
    failure: Failure,
    message: string,
    more: {
      readonly cause?: unknown
      readonly status?: number
      readonly problem?: Problem
      readonly retryAfterMs?: number
    } = {},
  ) {
    super(message, 'cause' in more ? { cause: more.cause } : {})
    this.failure = failure
    this.status = more.status
    this.problem = more.problem
    this.retryAfterMs = more.retryAfterMs
  }
}

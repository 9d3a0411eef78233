/** The members of a decision-log entry, in this order, one line of JSON an entry; `docs/decision-log.md` says what they mean. */
export type LogEntry = {
  readonly v: 1
  readonly signIn: unknown
  readonly decision: unknown
  readonly durationMs: number
  readonly traceId?: string
  /** JSON pointers of what was left out of the sign-in. */
  readonly masked?: readonly string[]
}

/** An entry is put together of texts that are JSON already: this, the sign-in, `afterSignIn`, the decision, and `entryEnd`. */
export const entryStart = '{"v":1,"signIn":'
export const afterSignIn = ',"decision":'
/** Ends with the newline. */
export function entryEnd(
  durationMs: number,
  traceId: string | undefined,
  masked: readonly string[],
): string {
  const trace = traceId === undefined ? '' : `,"traceId":"${traceId}"`
  const names = masked.length === 0 ? '' : `,"masked":${JSON.stringify(masked)}`
  return `,"durationMs":${Math.round(durationMs * 1_000) / 1_000}${trace}${names}}\n`
}

/** Whether an entry without these still has all that its decision rests on: of the envelope only what comes back does, and it is left out of the decision too. */
export const hasAllFacts = (masked: readonly string[]): boolean =>
  masked.every((pointer) => pointer === '/envelope' || pointer.startsWith('/envelope/'))

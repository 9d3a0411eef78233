import { afterSignIn, entryStart, type LogEntry } from '../../engine/index.ts'

/** An entry, its parts still texts. */
export type Entry = {
  /** JSON, in UTF-8. */
  readonly signIn: Uint8Array
  /** JSON as it was told. */
  readonly decision: string
  /** When it was decided: milliseconds since 1970. */
  readonly now: number
  /** What of the decision says id and time, up to its outcome. */
  readonly head: string
  readonly revision: string
  readonly masked: readonly string[]
}

/** `torn`: no JSON. `foreign`: JSON, but no entry that this version knows. */
export type Read = Entry | 'torn' | 'foreign'

const decisionStart = `${afterSignIn}{"decisionId":"`
const end =
  /^,"durationMs":\d[\d.e+-]*(?:,"traceId":"[0-9a-f]{32}")?(?:,"masked":(\["[^\]]*"\]))?\}$/
const headOf = /^\{"decisionId":"[0-9a-f-]+","evaluatedAt":"([\dTZ:.-]+)",/
const ruleSetStart = ',"ruleSet":{"id":"'
const revisionOf = /^,"ruleSet":\{"id":"(?:[^"\\]|\\.)*","revision":"([^"\\]*)"\}/

/**
 * An entry cut as it is written, without parsing it. Whether it is JSON shows when its sign-in is decided and its decision compared:
 * if both are right it is, since then nothing but JSON is left.
 */
export function cutEntry(line: Buffer): Entry | undefined {
  if (line.toString('latin1', 0, entryStart.length) !== entryStart) return undefined
  const signInEnd = line.indexOf(decisionStart)
  const decisionEnd = line.lastIndexOf(',"durationMs":')
  if (signInEnd < 0 || decisionEnd < signInEnd) return undefined
  const [whole, masked] = end.exec(line.toString('latin1', decisionEnd)) ?? []
  if (whole === undefined) return undefined
  return entryOf(
    line.subarray(entryStart.length, signInEnd),
    line.toString('utf8', signInEnd + afterSignIn.length, decisionEnd),
    masked === undefined ? [] : (JSON.parse(masked) as string[]),
  )
}

/** An entry however it is written: as another program printed it again. */
export function parseEntry(line: Buffer): Read {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch {
    return 'torn'
  }
  if (typeof parsed !== 'object' || parsed === null) return 'foreign'
  const { v, signIn, decision, masked = [] } = parsed as Partial<LogEntry>
  if (v !== 1 || signIn === undefined || typeof decision !== 'object') return 'foreign'
  return entryOf(Buffer.from(JSON.stringify(signIn)), JSON.stringify(decision), masked) ?? 'foreign'
}

function entryOf(
  signIn: Uint8Array,
  decision: string,
  masked: readonly string[],
): Entry | undefined {
  const [head, time] = headOf.exec(decision) ?? []
  const ruleSet = decision.slice(decision.lastIndexOf(ruleSetStart))
  const [, revision] = revisionOf.exec(ruleSet) ?? []
  if (head === undefined || time === undefined || revision === undefined) return undefined
  const now = millisecondsOf(time)
  return Number.isNaN(now) ? undefined : { signIn, decision, now, head, revision, masked }
}

/** Under load many entries share a millisecond. */
let [lastText, lastTime] = ['', Number.NaN]

function millisecondsOf(text: string): number {
  if (text !== lastText) [lastText, lastTime] = [text, Date.parse(text)]
  return lastTime
}

import { randomUUID } from 'node:crypto'

/** Puts what only the edge knows, who and when, in front of a decision's JSON. */
export const withId = (json: string, now: number): string =>
  `{"decisionId":"${randomUUID()}","evaluatedAt":"${timeText(now)}",${json.slice(1)}`

/** Under load many answers share a millisecond, and writing a time costs as much as finding a decision. */
let [lastTime, lastText] = [Number.NaN, '']

function timeText(now: number): string {
  if (now !== lastTime) [lastTime, lastText] = [now, new Date(now).toISOString()]
  return lastText
}

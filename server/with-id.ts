import { randomUUID } from 'node:crypto'

/** Puts what only the edge knows, who and when, in front of a decision's JSON. */
export const withId = (json: string, now: number, index = ''): string =>
  `{${index}"decisionId":"${randomUUID()}","evaluatedAt":"${new Date(now).toISOString()}",${json.slice(1)}`

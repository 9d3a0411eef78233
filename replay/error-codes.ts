import type { Outcome } from '../engine/index.ts'

/**
 * AADSTS codes of a sign-in's result, by whether its first factor had succeeded (Microsoft Learn: "Microsoft Entra
 * authentication and authorization error codes"). Rules are about what comes after; before it there is nothing to decide.
 */
const afterFirstFactor: Readonly<Record<Outcome, readonly number[]>> = {
  /** The last two interrupt the sign-in with a question that has nothing to do with who it is: to stay signed in, and to consent. */
  allow: [0, 50140, 65001],
  challenge: [50072, 50074, 50076, 50078, 50079, 50097, 50125, 50158, 500121],
  block: [
    50105, 50131, 53000, 53001, 53002, 53003, 53004, 53010, 53011, 500212, 500213, 530032, 530035,
  ],
}
const beforeFirstFactor: Readonly<Record<number, string>> = {
  16000: 'interrupted to select an account',
  50034: 'no such user',
  50053: 'account locked, or a blocked address',
  50055: 'password expired',
  50056: 'no password',
  50057: 'account disabled',
  50058: 'no session for a silent sign-in',
  50089: 'flow token expired',
  50126: 'wrong user name or password',
  50132: 'session void',
  50133: 'session void after a password change',
  50135: 'password change required',
  50173: 'fresh token needed',
  70008: 'refresh token expired',
  70016: 'device code pending',
  70018: 'device code wrong',
  70019: 'device code expired',
  70043: 'refresh token expired by sign-in frequency',
  90072: 'account not in the tenant',
  530036: 'refresh token void by authentication flow',
  700082: 'refresh token expired by inactivity',
  7000215: 'wrong client secret',
}

const outcomes = new Map(
  Object.entries(afterFirstFactor).flatMap(([outcome, codes]) =>
    codes.map((code) => [code, outcome as Outcome]),
  ),
)

/** What became of a sign-in that got past its first factor; undefined when it did not, or nobody knows. */
export const recordedOutcome = (code: number): Outcome | undefined => outcomes.get(code)

/** Why a sign-in with this code can't be decided. */
export function undecidable(code: number): string {
  const known = beforeFirstFactor[code]
  return known === undefined
    ? `error code ${code} is not one we know`
    : `first factor not passed: ${code} ${known}`
}

/** Codes of those who try to get in and do not know the password. */
export const isGuessing = (code: number): boolean => [50034, 50053, 50126].includes(code)

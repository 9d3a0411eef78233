import { expect, test } from 'vitest'
import { graceDaysLeft, sessionCarriesMfa, sessionRevoked, tenantAgeHours } from './derived.ts'

const day = 86_400_000
const start = Date.UTC(2024, 5, 1, 9)

test.each([
  ['at the start', 0, 14],
  ['a second in', 1_000, 14],
  ['after a day', day, 13],
  ['on day 13', 13 * day, 1],
  ['a second before day 14', 14 * day - 1_000, 1],
  ['a millisecond before day 14', 14 * day - 1, 1],
  ['at day 14', 14 * day, 0],
  ['long after', 400 * day, 0],
  ['before the start, by a clock that runs behind', -5 * day, 14],
])('grace %s: %i ms in, %i days left', (_, after, left) => {
  const times = {
    at: start + after,
    'tenant.enabledAt': 0,
    'tenant.gracePeriodDays': 14,
    'user.firstInteractiveSignInAt': start,
  }
  expect(graceDaysLeft(times)).toBe(left)
  expect(
    graceDaysLeft({ ...times, 'tenant.enabledAt': start, 'user.firstInteractiveSignInAt': 0 }),
  ).toBe(left)
  expect(graceDaysLeft({ ...times, 'user.firstInteractiveSignInAt': null })).toBe(14)
  expect(graceDaysLeft({ ...times, 'tenant.gracePeriodDays': 0 })).toBe(0)
})

test.each([
  [start - 1, start, true, false],
  [start, start, false, true],
  [start + 1, start, false, true],
  [null, start, false, false],
  [null, null, false, true],
  [start, null, false, true],
])(
  'a session issued at %s, valid from %s: revoked is %s, carries MFA is %s',
  (issuedAt, validFrom, revoked, carries) => {
    const session = { 'session.issuedAt': issuedAt, 'session.validFrom': validFrom }
    expect(sessionRevoked(session)).toBe(revoked)
    expect(sessionCarriesMfa({ ...session, 'session.mfa': 'earlier' })).toBe(carries)
    expect(sessionCarriesMfa({ ...session, 'session.mfa': 'none' })).toBe(false)
    expect(sessionCarriesMfa({ ...session, 'session.mfa': 'thisSignIn' })).toBe(false)
  },
)

test.each([
  [24 * 3_600_000 - 1, 23],
  [24 * 3_600_000, 24],
  [0, 0],
  [-5, 0],
])('a tenant %i ms old is %i hours old', (age, hours) => {
  expect(tenantAgeHours({ at: start + age, 'tenant.createdAt': start })).toBe(hours)
})

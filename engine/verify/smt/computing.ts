import { mostTenantHours } from '../../derived.ts'
import { named } from './names.ts'

const hour = 3_600_000
const day = 24 * hour

const { fact, never, value } = named
const at = fact('at')
const first = fact('user.firstInteractiveSignInAt')
const enabled = fact('tenant.enabledAt')
const days = fact('tenant.gracePeriodDays')
const issued = fact('session.issuedAt')
const valid = fact('session.validFrom')

/** The computed facts as arithmetic on whole numbers, each after those that it is made of. `div` rounds down. */
export const computing: Readonly<Record<string, string>> = {
  'registration.graceDaysLeft': `(ite ${never('user.firstInteractiveSignInAt')} ${days}
  (let ((start (ite (< ${first} ${enabled}) ${enabled} ${first})))
  (let ((left (- (div (- ${at} start (* ${day} ${days})) ${day}))))
    (ite (< left 0) 0 (ite (< left ${days}) left ${days})))))`,

  'session.revoked': `(and (not ${never('session.issuedAt')}) (not ${never('session.validFrom')}) (< ${issued} ${valid}))`,

  'session.carriesMfa': `(and (= ${fact('session.mfa')} ${value('earlier')})
  (or (not ${never('session.issuedAt')}) ${never('session.validFrom')})
  (not ${fact('session.revoked')}))`,

  'tenant.ageHours': `(let ((hours (div (- ${at} ${fact('tenant.createdAt')}) ${hour})))
  (ite (< hours 0) 0 (ite (< hours ${mostTenantHours}) hours ${mostTenantHours})))`,
}

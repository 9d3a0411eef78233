import type { Report } from './report.ts'

/** The first line: whom it hits, in one sentence. */
export function answerOf(report: Omit<Report, 'answer'>): string {
  const { users, ruleSet, before, registrations, decided } = report
  if (decided === 0)
    return `No row could be decided, so nothing is known of what ${ruleSet.id} would do`
  const { least, mostWithoutRole, most } = users.hit
  const seen = `${users.seen} ${users.seen === 1 ? 'user' : 'users'}`
  const hit =
    mostWithoutRole === 0
      ? `none of ${seen}`
      : least === mostWithoutRole
        ? `${least} of ${seen}`
        : `between ${least} and ${mostWithoutRole} of ${seen}`
  const roles = most > mostWithoutRole ? ` (up to ${most} if they are administrators)` : ''
  const what = [
    ...(users.blocked > 0 ? [`${users.blocked} with sign-ins that are blocked`] : []),
    ...(users.mustRegister > 0
      ? [`${users.mustRegister} must register${firstDay(registrations)}`]
      : []),
    ...(before === 'recorded' || users.loosened === 0
      ? []
      : [`${users.loosened} with sign-ins that are decided less strictly`]),
  ]
  const against = before === 'recorded' ? '' : ` than ${before.id}`
  return `${ruleSet.id} asks more of ${hit}${against}${roles}${what.length > 0 ? `: ${what.join(', ')}` : ''}`
}

const firstDay = ([first, ...more]: Report['registrations']): string =>
  first === undefined ? '' : more.length === 0 ? ` by ${first.day}` : `, the first by ${first.day}`

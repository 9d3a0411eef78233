import type { Directory } from './directory.ts'
import type { Survey } from './survey.ts'
import type { Tally } from './tally.ts'

const dayMs = 86_400_000
const enoughDays = 28

/** What of the logs makes the answer less sure than it looks, the weightiest first. */
export function warningsOf(
  tally: Tally,
  files: readonly { readonly file: string; readonly shape: string }[],
  survey: Survey,
  directory?: Directory,
): readonly string[] {
  const warnings: string[] = []
  const signIns = (category: string) => tally.categories.get(category) ?? 0
  const isWholly = files.every(({ shape }) => shape === 'decision log')
  if (isWholly) return warnings
  if (signIns('nonInteractive') === 0)
    warnings.push(
      'No non-interactive sign-ins: that is the log in which Exchange’s legacy protocols stand (IMAP, POP, SMTP, ActiveSync), so printers and scripts may be missing. Download it too.',
    )
  if (signIns('not said') > 0)
    warnings.push(
      `${signIns('not said')} sign-ins do not say which log they are of, and are taken for interactive ones. Keep the names that the portal gives its files.`,
    )
  const days = survey.from === undefined ? 0 : (survey.to! - survey.from) / dayMs
  if (days < enoughDays)
    warnings.push(
      `The logs go over ${days < 10 ? days.toFixed(1) : Math.round(days)} days: what is done once a month is not in them.`,
    )
  if (directory === undefined)
    warnings.push(
      'Who is an administrator and who has registered is not in the logs: give --directory for one figure in place of bounds.',
    )
  else {
    if (!directory.hasRoles)
      warnings.push('The directory does not say who holds which role: give role assignments too.')
    if (!directory.hasMethods)
      warnings.push(
        'The directory does not say who has registered what: give registration details too.',
      )
    const strange = [...tally.users.values()].filter(
      ({ isInDirectory, type }) =>
        !isInDirectory && type !== 'servicePrincipal' && type !== 'managedIdentity',
    ).length
    if (strange > 0) warnings.push(`${strange} users of the logs are not in the directory.`)
    for (const [what, rows] of directory.unrecognised)
      warnings.push(`In the directory: ${what} (${rows})`)
  }
  for (const { file, shape } of files)
    if (shape === 'no sign-in log' || shape === 'empty')
      warnings.push(
        `${file} is ${shape === 'empty' ? 'empty' : 'no log of sign-ins'}; it was left out.`,
      )
  return warnings
}

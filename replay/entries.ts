import { hasAllFacts, outcomes, type Outcome } from '../engine/index.ts'

type Json = Readonly<Record<string, unknown>>

/** What an entry of our own decision log says: the sign-in as it was sent, and what became of it. */
export type MappedEntry =
  | {
      readonly signIn: Json
      readonly recorded: Outcome
      /** When it was decided: milliseconds since 1970. */
      readonly now: number
      readonly user: string
      readonly ip: string
      readonly unmapped?: never
    }
  | { readonly unmapped: string }

const objectIn = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {}
const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Reads an entry for deciding it by other rules; whether it was decided rightly is what `--decision-log` asks. */
export function mapEntry(entry: Json): MappedEntry {
  const masked = Array.isArray(entry['masked']) ? entry['masked'].map(String) : []
  if (!hasAllFacts(masked)) return { unmapped: 'an entry of a decision log with masked facts' }
  const signIn = objectIn(entry['signIn'])
  const { outcome, evaluatedAt } = objectIn(entry['decision'])
  const recorded = outcomes.find((each) => each === outcome)
  const now = Date.parse(textIn(evaluatedAt) ?? '')
  if (recorded === undefined || Number.isNaN(now))
    return { unmapped: 'an entry of a decision log without a decision' }
  const envelope = objectIn(signIn['envelope'])
  return {
    signIn,
    recorded,
    now,
    user: (
      textIn(envelope['userId']) ??
      textIn(envelope['userPrincipalName']) ??
      'unnamed'
    ).toLowerCase(),
    ip: textIn(envelope['ipAddress']) ?? '',
  }
}

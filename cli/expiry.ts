import { UsageError } from './io.ts'

const dayMs = 86_400_000

/** When something that is given so long ends, in ISO 8601; null for never. `now` is in milliseconds since 1970. */
export function expiryOf(given: string, now: number): string | null {
  if (given === 'never') return null
  const days = /^(\d{1,5})d$/.exec(given)?.[1]
  const at = days === undefined ? Date.parse(given) : now + Number(days) * dayMs
  if (Number.isNaN(at) || at <= now)
    throw new UsageError(
      `--expires: expected days like 90d, a time to come like 2027-01-31T00:00:00Z, or never, got ${JSON.stringify(given)}`,
    )
  return new Date(at).toISOString()
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export const expectedDuration = 'a duration in d, h, m, s and ms, such as "14d" or "13d 23h"'

/** Milliseconds, or undefined for anything else than a duration. */
export function parseDuration(input: unknown): number | undefined {
  if (typeof input !== 'string' || !/^\d{1,9}(?:ms|[smhd])(?: \d{1,9}(?:ms|[smhd]))*$/.test(input))
    return undefined
  return input
    .split(' ')
    .map((part) => Number.parseInt(part, 10) * units[part.replace(/\d+/, '') as keyof typeof units])
    .reduce((sum, part) => sum + part, 0)
}

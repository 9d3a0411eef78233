import { expectedDuration, parseDuration } from '../profiles/duration.ts'
import { Misuse } from './misuse.ts'

const units = { us: 1, µs: 1, ms: 1_000, s: 1_000_000 } as const

/** Microseconds of a text such as `5ms`, `800us` or `1s`. Throws a `Misuse` that names the option. */
export function microseconds(text: string, option: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(us|µs|ms|s)$/.exec(text) ?? []
  const value = Number(number) * units[(unit ?? 's') as keyof typeof units]
  if (value > 0) return value
  throw new Misuse(
    `${option}: expected a time such as 5ms, 800us or 1s, got ${JSON.stringify(text)}`,
  )
}

/** Seconds of a text such as `2m`, `90s` or `1h 30m`. Throws a `Misuse` that names the option. */
export function seconds(text: string, option: string): number {
  const value = parseDuration(text)
  if (value !== undefined && value > 0) return value / 1_000
  throw new Misuse(`${option}: expected ${expectedDuration}, got ${JSON.stringify(text)}`)
}

/** A share of 1 of a text such as `5%`. Throws a `Misuse` that names the option. */
export function share(text: string, option: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? []
  if (number !== undefined) return Number(number) / 100
  throw new Misuse(`${option}: expected a share such as 5%, got ${JSON.stringify(text)}`)
}

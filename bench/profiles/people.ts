import { randomFrom, type Random } from '../random.ts'
import { weighted, zipf } from './draw.ts'
import type { People } from './profile.ts'

/** Somebody made up, from somewhere: numbers within a population. */
export type Person = { readonly tenant: number; readonly user: number; readonly address: number }

/** Draws people; a tenant has users in proportion to its size, and an address belongs to nobody in particular. */
export function population(people: People): (random: Random) => Person {
  const sizes = zipf(people.tenants, people.skew).map((weight, tenant) => ({ weight, tenant }))
  const total = sizes.reduce((sum, { weight }) => sum + weight, 0)
  const cumulated = sizes.length === 1 ? undefined : sizes
  return (random) => {
    const { tenant, weight } = cumulated ? weighted(cumulated, random) : sizes[0]!
    const users = Math.max(1, Math.round((people.users * weight) / total))
    return { tenant, user: random.below(users), address: random.below(people.addresses) }
  }
}

/** Who and where, as it travels with the sign-in. Addresses are of the ranges that are kept free for documentation. */
export const envelopeOf = ({ tenant, user, address }: Person, random: Random) => ({
  correlationId: guid(random),
  tenantId: guid(randomOf(tenant)),
  userId: guid(randomOf(tenant, user + 1)),
  ipAddress: addressOf(address),
})

/** The same numbers for the same thing, whatever the seed of the workload: a tenant stays the same in all of them. */
export function randomOf(...parts: readonly number[]): Random {
  let mixed = 0x811c9dc5
  for (const part of parts) {
    mixed = Math.imul(mixed ^ part, 0x85ebca6b)
    mixed ^= mixed >>> 13
  }
  return randomFrom(mixed)
}

/** Of version 4, as far as it shows. */
function guid(random: Random): string {
  const [a, b, c, d] = [word(random), word(random), word(random), word(random)]
  const variant = '89ab'[random.below(4)]!
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`
}

const word = (random: Random): string =>
  random
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0')

const ranges = ['192.0.2', '198.51.100', '203.0.113'] as const

function addressOf(number: number): string {
  const range = ranges[Math.floor(number / 254)]
  return range === undefined
    ? `2001:db8::${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`
    : `${range}.${(number % 254) + 1}`
}

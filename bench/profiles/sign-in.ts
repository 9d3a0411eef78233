import {
  facts as standard,
  printValue,
  type FactTable,
  type FactValue,
} from '../../engine/index.ts'
import type { Random } from '../random.ts'
import { drawn } from './draw.ts'
import { envelopeOf, randomOf, type Person } from './people.ts'
import type { Draw, Kind } from './profile.ts'

export type SignInJson = Readonly<Record<string, unknown>>

/**
 * Makes sign-ins of one kind, as callers send them: facts nested by area. Facts of a tenant are the same for all its
 * sign-ins; the others are drawn.
 */
export function signInMaker(
  { facts }: Kind,
  startAt: number,
): (person: Person, random: Random) => SignInJson {
  const makers = facts.map(([fact, draw]) => factMaker(fact, draw, startAt))
  return (person, random) => {
    const signIn: Record<string, unknown> = { at: new Date(startAt).toISOString() }
    let at = startAt
    for (const { area, member, value, print } of makers) {
      const drawn = value(person, at, random)
      if (member !== undefined)
        ((signIn[area] ??= {}) as Record<string, FactValue>)[member] = print(drawn)
      else {
        at = drawn as number
        signIn[area] = print(drawn)
      }
    }
    signIn['envelope'] = envelopeOf(person, random)
    return signIn
  }
}

function factMaker(fact: string, draw: Draw, startAt: number) {
  const [area, member] = fact.split('.') as [string, string | undefined]
  const kind = (standard as FactTable)[fact]?.kind
  const print = (value: FactValue) => (kind ? printValue(kind, value) : value)
  const base = { area, member }
  if (draw.draw === 'constant') {
    const printed = print(draw.value)
    return { ...base, value: () => draw.value, print: () => printed }
  }
  if (area !== 'tenant')
    return {
      ...base,
      value: (_: Person, at: number, random: Random) => drawn(draw, at, random),
      print,
    }
  const salt = Array.from(fact, (character) => character.charCodeAt(0))
  const known = new Map<number, FactValue>()
  return {
    ...base,
    value: ({ tenant }: Person) => {
      const value = known.get(tenant) ?? drawn(draw, startAt, randomOf(tenant, ...salt))
      known.set(tenant, value)
      return value
    },
    print,
  }
}

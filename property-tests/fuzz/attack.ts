import fc from 'fast-check'
import { behaviour, type Behaviour } from './behaviour.ts'
import { hostileBytes } from './framing.ts'

/** One hostile connection. */
export type Attack = { readonly bytes: Buffer; readonly behaviour: Behaviour }

const attack: fc.Arbitrary<Attack> = fc.record({ bytes: hostileBytes, behaviour })

/** Always the same for a seed and a place. */
export const attackAt = (seed: number, index: number): Attack =>
  fc.sample(attack, { seed: Math.imul(seed, 0x9e3779b1) ^ index, numRuns: 1 })[0]!

import type { Fault } from '../engine/index.ts'

/** What a bundle is held to, in this order. The first that fails ends it: nothing is read of bytes that nobody known signed. */
export const checks = {
  format: 'the head is one that this version reads',
  signature: 'a key that is trusted signed the head',
  digest: 'the payload is the one that the head names, to the byte',
  contents: 'the payload is in its one form, and each file has its digest',
  pack: 'the files are a pack without faults',
  revision: 'the pack is the rule set that was signed, as this version reads it',
  'self-test': 'the cases and invariants of the pack hold',
  proof: 'the invariants of the pack are proved for every sign-in',
} as const

export type Check = keyof typeof checks

/** Why a bundle is not taken. */
export type Refused = {
  readonly refused: Check
  readonly detail: string
  /** Of the pack's files. */
  readonly faults?: readonly Fault[]
}

export const refuse = (refused: Check, detail: string): Refused => ({ refused, detail })

import {
  readPublicKeys,
  subjectDigest,
  subjectOf,
  unattested,
  type Key,
  type Unattested,
} from '../../bundle/index.ts'
import { faultText, unproved, unprovedFault, type Pack, type Unproved } from '../../engine/index.ts'
import type { Log, LogFields } from '../log.ts'
import type { Settings } from '../settings.ts'

/** What is asked of a rule set, beside its own test, before it decides. */
export type Gate = {
  readonly proof: Settings['proof']
  /** Milliseconds that proving may take. */
  readonly withinMs: number
  /** Keys of which one has to have signed what was proved of it; nothing if that is not asked for. */
  readonly attestedBy?: readonly Key[]
}

/** Throws a `KeyError` where a key can't be read. */
export function gateOf({
  proof,
  proofTimeout,
  requireAttestation,
  attestationKey,
}: Pick<Settings, 'proof' | 'proofTimeout' | 'requireAttestation' | 'attestationKey'>): Gate {
  return {
    proof,
    withinMs: proofTimeout * 1_000,
    ...(requireAttestation && { attestedBy: readPublicKeys(attestationKey) }),
  }
}

/** Whether the time is over that proving may take, from now on. */
export function proofTimer({ withinMs }: Gate): () => boolean {
  const until = performance.now() + withinMs
  return () => performance.now() > until
}

export type Proving = {
  readonly unproved: readonly Unproved[]
  /** Names what was proved, if all of it was: the same need not be proved again. */
  readonly proved?: string
}

/**
 * Looks whether a pack is attested, and proves what it promises, as far as that is asked for. What is known to be proved is not
 * proved again.
 */
export function prove(
  pack: Pack,
  attestation: string | undefined,
  { proof, attestedBy }: Gate,
  isOver: () => boolean,
  known: readonly string[] = [],
): Proving | { readonly unattested: Unattested } {
  const bad = attestedBy && unattested(attestation, pack, attestedBy, Date.now())
  if (bad !== undefined) return { unattested: bad }
  if (proof === 'off') return { unproved: [] }
  const proved = subjectDigest(subjectOf(pack))
  if (known.includes(proved)) return { unproved: [], proved }
  const open = unproved(pack, isOver)
  return open.length === 0 ? { unproved: open, proved } : { unproved: open }
}

/** In a line. */
export const unattestedText = ({ reason, detail }: Unattested): string =>
  `the pack is not attested: ${reason}: ${detail}`

/** Says of each which sign-in breaks it, or what else is wrong: as a warning where it does not matter. */
export function tellUnproved(
  log: Log,
  unproved: readonly Unproved[],
  level: 'warn' | 'error',
  fields: LogFields = {},
): void {
  for (const each of unproved) {
    const { invariant, verdict, at, witness } = each
    log(`${level === 'warn' ? 'warning: ' : ''}${faultText(unprovedFault(each))}`, {
      ...fields,
      level,
      event: 'invariant not proved',
      invariant,
      verdict,
      ...at,
      ...(witness && { witness }),
    })
  }
}

import { subjectDigest, subjectOf } from '../../bundle/index.ts'
import { faultText, unproved, unprovedFault, type Pack, type Unproved } from '../../engine/index.ts'
import type { Log, LogFields } from '../log.ts'
import type { Settings } from '../settings.ts'

/** What is asked of the invariants of a rule set before it decides. */
export type Gate = {
  readonly proof: Settings['proof']
  /** Milliseconds that proving may take. */
  readonly withinMs: number
}

export const gateOf = ({
  proof,
  proofTimeout,
}: Pick<Settings, 'proof' | 'proofTimeout'>): Gate => ({
  proof,
  withinMs: proofTimeout * 1_000,
})

export type Proving = {
  readonly unproved: readonly Unproved[]
  /** Names what was proved, if all of it was: the same need not be proved again. */
  readonly proved?: string
}

/** Proves what a pack promises, unless nothing is asked or all of it is known to be proved. */
export function prove(
  pack: Pack,
  { proof, withinMs }: Gate,
  known: readonly string[] = [],
): Proving {
  if (proof === 'off') return { unproved: [] }
  const proved = subjectDigest(subjectOf(pack))
  if (known.includes(proved)) return { unproved: [], proved }
  const until = performance.now() + withinMs
  const open = unproved(pack, () => performance.now() > until)
  return open.length === 0 ? { unproved: open, proved } : { unproved: open }
}

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

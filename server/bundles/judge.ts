import type { Check, Authentic } from '../../bundle/index.ts'
import { flagOf } from '../settings.ts'
import type { SourceReason } from './source.ts'

/** Why nothing came of a pull. */
export type Reason = SourceReason | Check | 'number' | 'other-pack' | 'activation'

export type Failed = { readonly failed: Reason; readonly detail: string }

export const failed = (reason: Reason, detail: string): Failed => ({ failed: reason, detail })

/** The bundle that was taken last, which is remembered over restarts. */
export type Taken = {
  readonly pack: string
  readonly number: number
  readonly digest: string
}

export type Allowed = {
  /** A bundle with a lower number, or with another content under the same. */
  readonly allowRollback: boolean
  /** The pack that it has to be; else that which was taken last. */
  readonly pack?: string | undefined
}

export const takenOf = ({ pack, number, digest }: Authentic): Taken => ({ pack, number, digest })

/** Whether a bundle, which is signed and whole, may follow what was taken last. */
export function judge(
  bundle: Authentic,
  last: Taken | undefined,
  allowed: Allowed,
): 'new' | 'same' | Failed {
  const { pack, number, digest } = takenOf(bundle)
  const wanted = allowed.pack ?? last?.pack
  if (wanted !== undefined && pack !== wanted)
    return failed(
      'other-pack',
      `expected the pack ${JSON.stringify(wanted)}, got ${JSON.stringify(pack)}; ${flagOf('bundlePack')} says which it is to be`,
    )
  if (last === undefined || last.pack !== pack) return 'new'
  if (number === last.number && digest === last.digest) return 'same'
  if (number > last.number || allowed.allowRollback) return 'new'
  return failed(
    'number',
    number < last.number
      ? `expected a number from ${last.number}, got ${number}: it is older than what was taken before; ${flagOf('allowRollback')} takes it all the same`
      : `expected ${last.digest} under the number ${number}, got ${digest}: the number was used twice; ${flagOf('allowRollback')} takes it all the same`,
  )
}

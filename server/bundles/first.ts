import { contentsOf, packOf, type Authentic } from '../../bundle/index.ts'
import {
  faultText,
  selfTest,
  unprovedFault,
  type Pack,
  type PackSource,
} from '../../engine/index.ts'
import { proofTimer, prove, unattestedText, type Gate, type Proving } from '../rule-sets/proving.ts'
import { failed, type Failed } from './judge.ts'
import { pull, type PullOptions } from './pull.ts'
import type { Taking } from './taking.ts'

/** There is nothing to start by; the message says why. */
export class NoBundle extends Error {
  override readonly name = 'NoBundle'
}

export type FirstOptions = PullOptions & {
  /** What every rule set has to pass. */
  readonly gate: Gate
}

export type First = Proving & {
  readonly pack: Pack
  readonly source: PackSource
  /** Why it is the one that was kept, and not what the source has. */
  readonly instead?: Failed
}

/** What is to decide first: what the source has, else what was kept. Rejects with a `NoBundle` that says why neither can be had. */
export async function first(
  options: FirstOptions,
  taking: Taking,
  aborted: AbortSignal,
): Promise<First> {
  const kept = await taking.remember(options.keys)
  const got = await pull(options, { last: taking.last(), tag: undefined }, aborted)
  if (got === 'unchanged') throw new Error('a source said that what it never gave is unchanged')
  let instead: Failed
  if ('failed' in got) instead = got
  else {
    const tried = triedPack(got.bundle, options.gate)
    if (!('failed' in tried)) {
      await taking.take(got)
      return tried
    }
    instead = tried
  }
  const fallback =
    typeof kept === 'string' ? failed('unreachable', kept) : triedPack(kept, options.gate)
  if ('failed' in fallback || typeof kept === 'string')
    throw new NoBundle(
      `no bundle to start by: ${options.source.name}: ${instead.failed}: ${instead.detail}; and ${'failed' in fallback ? fallback.detail : ''}`,
    )
  taking.start(kept)
  return { ...fallback, instead }
}

/** The pack of a bundle, tried as one that goes live is. */
function triedPack(bundle: Authentic, gate: Gate): Omit<First, 'instead'> | Failed {
  const contents = contentsOf(bundle)
  if ('refused' in contents) return failed(contents.refused, contents.detail)
  const pack = packOf(contents)
  if ('refused' in pack) return failed(pack.refused, pack.detail)
  const more = (list: readonly unknown[]) =>
    list.length > 1 ? `; and ${list.length - 1} more` : ''
  const isOver = proofTimer(gate)
  const findings = selfTest(pack, 'quick', isOver)
  const [finding] = findings
  if (finding !== undefined) {
    const { kind, name, details } = finding
    const what = `${kind} ${JSON.stringify(name)}: ${details.join('; ')}`
    return failed('self-test', `${what}${more(findings)}`)
  }
  const proving = prove(pack, contents.source.attestation, gate, isOver)
  if ('unattested' in proving) return failed('proof', unattestedText(proving.unattested))
  const [open] = proving.unproved
  if (open !== undefined && gate.proof === 'required')
    return failed('proof', `${faultText(unprovedFault(open))}${more(proving.unproved)}`)
  return { ...proving, pack, source: contents.source }
}

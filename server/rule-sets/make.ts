import { contentsOf } from '../../bundle/index.ts'
import {
  didYouMean,
  faultText,
  parsePack,
  selfTest,
  unprovedFault,
  type Fault,
  type Finding,
  type Pack,
  type PackSource,
  type Unproved,
} from '../../engine/index.ts'
import { packFolder, packNames } from '../../rules/index.ts'
import type { Refused, SignedPack } from './activation.ts'
import { proofTimer, prove, unattestedText, type Gate, type Proving } from './proving.ts'
import { settled } from './settled.ts'
import { printDocument, readDocument, type PackDocument } from './store/document.ts'

/** Where a pack comes from. */
export type From =
  | { readonly folder: string }
  | { readonly source: PackSource }
  | { readonly bundle: SignedPack }
  | { readonly document: PackDocument; readonly revision: string }

export type Order = {
  readonly from: From
  /** The revision that decides. */
  readonly live: string
  readonly gate: Gate
  /** What is known to be proved. */
  readonly known: readonly string[]
}

export type Made =
  | (Proving & { readonly pack: Pack; readonly document: PackDocument })
  | (Proving & { readonly unchanged: string })
  | { readonly refused: Refused }

/** Makes a pack that may go live out of texts, on a thread that decides nothing: read, parsed, tried on its own cases, and its invariants proved. */
export default function make({ from, live, gate, known }: Order): Made {
  const read = sourceOf(from)
  if ('refused' in read) return read
  const { source, promised } = read
  const pack = parsePack(source)
  if (pack.faults) return refuse(summary(pack.faults), pack.faults)
  const { revision } = pack.ruleSet
  if (promised !== undefined && promised !== revision)
    return refuse(
      `${promised} is ${revision} by now: this version of Portcullis decides its rules otherwise than the one that ${'bundle' in from ? 'signed' : 'kept'} it`,
    )
  const isOver = proofTimer(gate)
  const proving = prove(pack, source.attestation, gate, isOver, known)
  if ('unattested' in proving) {
    const { refused } = refuse(unattestedText(proving.unattested))
    return { refused: { ...refused, unattested: proving.unattested.reason } }
  }
  const { unproved } = proving
  // What the prover says of an invariant says more than that a case breaks it.
  const findings = selfTest(pack, 'quick', isOver).filter(
    ({ kind, name }) =>
      kind !== 'invariant' || !unproved.some(({ invariant }) => invariant === name),
  )
  if (findings.length > 0 || (unproved.length > 0 && gate.proof === 'required')) {
    const faults = findings.map(faultOf)
    return refuse(summary([...unproved.map(unprovedFault), ...faults]), faults, unproved)
  }
  if (revision === live) return { ...proving, unchanged: revision }
  // What it was compared with decides nothing, and a thread that talks HTTP pays for all that it is sent.
  const { base: _, strictPart: __, ...alone } = pack
  return { ...proving, pack: alone, document: printDocument(source, revision) }
}

const refuse = (
  detail: string,
  faults?: readonly Fault[],
  unproved: readonly Unproved[] = [],
): { readonly refused: Refused } => ({
  refused: {
    problem: 'rule-set-refused',
    detail,
    ...(faults && { faults }),
    ...(unproved.length > 0 && { unproved }),
  },
})

/** The texts, and the revision that they were said to be. */
type Read = { readonly source: PackSource; readonly promised?: string }

function sourceOf(from: From): Read | { readonly refused: Refused } {
  if ('source' in from) return from
  if ('bundle' in from) {
    const { pack, payload } = from.bundle
    const contents = contentsOf({ pack, payload: Buffer.from(payload) }) // which came here as plain bytes
    return 'refused' in contents
      ? refuse(`${contents.refused}: ${contents.detail}`)
      : { source: contents.source, promised: contents.revision }
  }
  if ('document' in from) {
    const read = readDocument(from.document, from.revision)
    return 'source' in read
      ? { source: read.source, promised: from.revision }
      : refuse(`the kept pack ${from.revision} is damaged: ${read.damage}`)
  }
  const folder = packFolder(from.folder)
  if (folder === undefined) {
    const names = packNames()
    const { hint } = didYouMean(from.folder, names)
    return refuse(
      `no pack ${JSON.stringify(from.folder)}: expected a folder, or one of ${names.join(', ')}${hint ? ` (${hint})` : ''}`,
    )
  }
  try {
    return { source: settled(folder) }
  } catch (error) {
    return refuse(`the pack can't be read: ${(error as Error).message}`)
  }
}

function summary(faults: readonly Fault[]): string {
  const [first, ...more] = faults
  return more.length === 0 ? faultText(first!) : `${faultText(first!)}; and ${more.length} more`
}

const failing: Readonly<Record<Finding['kind'], (name: string) => string>> = {
  case: (name) => `the case ${JSON.stringify(name)} to hold`,
  invariant: (name) => `the invariant ${JSON.stringify(name)} to be kept`,
  absence: (name) => `that leaving ${name} out is never looser`,
  overlay: (name) => `that the overlay ${JSON.stringify(name)} loosens nothing but what it says`,
}

/** What a test found, as what is wrong with the file that promised better. */
const faultOf = ({ kind, name, details, at }: Finding): Fault => ({
  pointer: '',
  expected: failing[kind](name),
  got: details.join('; '),
  ...(at && { at }),
})

import { sign, verify } from 'node:crypto'
import { show, type Pack } from '../engine/index.ts'
import type { Key } from './keys.ts'
import { subjectOf, type Subject } from './subject.ts'

/** What was proved of a pack, by which engine, and until when that is taken for granted. */
export type Statement = {
  readonly subject: Subject
  /** By invariant. */
  readonly verdicts: Readonly<Record<string, string>>
  /** ISO 8601. */
  readonly issuedAt: string
  readonly expiresAt: string | null
}

/** What an attestation is held to, in this order. Nothing is read of one that nobody known signed. */
export const attestationChecks = {
  missing: 'the pack comes with one',
  format: 'it is one that this version reads',
  signature: 'a key that is trusted signed it',
  engine: 'this version of Portcullis proved it',
  subject: 'it is about these rules, facts, assumptions and invariants',
  verdicts: 'every invariant is proved',
  expired: 'its time is not over',
} as const

/** Why a pack does not count as attested. */
export type Unattested = {
  readonly reason: keyof typeof attestationChecks
  readonly detail: string
}

const head = 'portcullis-attestation 1\n'
const form = new RegExp(
  String.raw`^(${head}([^\n]{2,1048576})\n)((?:signature ed25519 [0-9a-f]{16} [A-Za-z0-9+/]{85}[AQgw]==\n){1,8})$`,
)

/** The text of an attestation: a head, the statement as a line of JSON, and a line for each signature of both. */
export function attest(statement: Statement, keys: readonly Key[]): string {
  const signed = `${head}${JSON.stringify(statement)}\n`
  const lines = keys
    .map(({ id, key }) => [id, sign(null, Buffer.from(signed), key).toString('base64')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, signature]) => `signature ed25519 ${id} ${signature}\n`)
  return `${signed}${lines.join('')}`
}

/** Why the attestation is not good for this pack now; undefined if it is. `now` is in milliseconds since 1970. */
export function unattested(
  text: string | undefined,
  pack: Pack,
  trusted: readonly Key[],
  now: number,
): Unattested | undefined {
  const refuse = (reason: Unattested['reason'], expected: string, got: unknown): Unattested => ({
    reason,
    detail: `expected ${expected}, got ${typeof got === 'string' ? got : show(got)}`,
  })
  if (text === undefined) return refuse('missing', 'a pack.attestation', 'none')
  const [, signed = '', json = '', lines = ''] = form.exec(text) ?? []
  const statement = statementOf(json)
  if (statement === undefined)
    return refuse('format', 'what portcullis attest writes', show(text.slice(0, 40)))
  const isSigned = signedBy(Buffer.from(signed), lines, trusted)
  if (isSigned !== undefined) return { reason: 'signature', detail: isSigned }
  const { subject, verdicts, expiresAt } = statement
  const here: Readonly<Record<string, string>> = subjectOf(pack)
  const there: Readonly<Record<string, unknown>> = subject
  if (there['engine'] !== here['engine'])
    return refuse('engine', `${here['engine']}; attest it anew`, show(there['engine']))
  const other = Object.keys(here).find((member) => there[member] !== here[member])
  if (other !== undefined) return refuse('subject', `${other} ${here[other]}`, show(there[other]))
  const open = pack.invariants.find(({ name }) => verdicts[name] !== 'proved')
  if (open !== undefined)
    return refuse('verdicts', `${open.name} proved`, show(verdicts[open.name]))
  if (expiresAt !== null && !(now < Date.parse(expiresAt)))
    return refuse('expired', 'one whose time is not over', `${expiresAt}; attest it anew`)
  return undefined
}

/** What is wrong with the signatures. A key that is not trusted says nothing; one that is has to be right. */
function signedBy(signed: Buffer, lines: string, trusted: readonly Key[]): string | undefined {
  const signatures = lines
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
  let isSigned = false
  for (const [, , keyId, signature = ''] of signatures)
    for (const { id, key } of trusted) {
      if (id !== keyId) continue
      if (!verify(null, signed, key, Buffer.from(signature, 'base64')))
        return `the signature of the key ${keyId} is not of this statement`
      isSigned = true
    }
  return isSigned
    ? undefined
    : `expected a signature of ${trusted.map(({ id }) => id).join(' or ')}, got ${signatures.map(([, , id]) => id).join(', ')}`
}

/** A statement in its shape; what it says is not looked at. */
function statementOf(json: string): Statement | undefined {
  try {
    const { subject, verdicts, issuedAt, expiresAt } = JSON.parse(json) as Partial<Statement>
    const isObject = (value: unknown) => typeof value === 'object' && value !== null
    const isTime = (value: unknown) => typeof value === 'string' && !Number.isNaN(Date.parse(value))
    return isObject(subject) &&
      isObject(verdicts) &&
      isTime(issuedAt) &&
      (expiresAt === null || isTime(expiresAt))
      ? ({ subject, verdicts, issuedAt, expiresAt } as Statement)
      : undefined
  } catch {
    return undefined
  }
}

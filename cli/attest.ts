import { attest, readPrivateKey, subjectOf } from '../bundle/index.ts'
import { verify } from '../engine/index.ts'
import { expiryOf } from './expiry.ts'
import { exit, plural, table, type Io } from './io.ts'
import { mustLoadPack } from './load-pack.ts'
import { usable } from './usable.ts'
import { writeWhole } from './write-whole.ts'

export type AttestFlags = {
  readonly key: readonly string[]
  readonly out: string
  readonly expires?: string
  readonly json?: boolean
}

/** `portcullis attest`: proves what a pack promises, and signs that it did. Writes nothing unless all is proved. */
export function attestCommand(name: string, flags: AttestFlags, io: Io): number {
  const keys = usable(() => flags.key.map(readPrivateKey))
  const expiresAt = expiryOf(flags.expires ?? '90d', io.now())
  const pack = mustLoadPack(name, io)
  const { verdicts } = verify(pack)
  const open = verdicts.filter(({ verdict }) => verdict !== 'proved')
  if (open.length > 0) {
    for (const { invariant, verdict } of open) io.err(`${verdict}: ${invariant.name}\n`)
    io.err(
      `portcullis: ${plural(open.length, 'invariant')} of ${JSON.stringify(name)} not proved, so that there is nothing to attest; portcullis verify ${name} shows why\n`,
    )
    return exit.findings
  }
  const statement = {
    subject: subjectOf(pack),
    verdicts: Object.fromEntries(
      verdicts.map(({ invariant, verdict }) => [invariant.name, verdict]),
    ),
    issuedAt: new Date(io.now()).toISOString(),
    expiresAt,
  }
  usable(() => writeWhole(flags.out, attest(statement, keys)))
  const signedBy = keys.map(({ id }) => id)
  const { subject } = statement
  io.out(
    flags.json
      ? `${JSON.stringify({ file: flags.out, signedBy, ...statement }, null, 2)}\n`
      : `${flags.out}: ${plural(verdicts.length, 'invariant')} proved, signed by ${signedBy.join(', ')}, ${expiresAt === null ? 'for good' : `until ${expiresAt}`}\n${table(
          Object.entries(subject).map(([member, value]) => [member, value]),
        )}`,
  )
  return exit.ok
}

import { X509Certificate } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import {
  digestOf,
  fingerprintOf,
  newToken,
  readTokens,
  scopes,
  settings,
  stampOfFile,
  TokensFault,
  writeTokens,
  type Scope,
  type TokenEntry,
  type TokensFile,
} from '../server/index.ts'
import { expiryOf } from './expiry.ts'
import { exit, plural, table, UsageError, type Io } from './io.ts'

export type TokensFlags = {
  readonly tokens?: string
  readonly id?: string
  readonly scopes?: string
  readonly expires?: string
  readonly rate?: string
  readonly certificate?: string
  readonly out?: string
  readonly json?: boolean
}

/**
 * `portcullis tokens create`: a new token, which is printed once and kept nowhere; the file gets its hash. With `--certificate` nothing is
 * made: the file gets what the client certificate that is given is good for.
 */
export function createTokenCommand(flags: TokensFlags, io: Io): number {
  const path = pathOf(flags, io)
  const { id = '', out } = flags
  if (out !== undefined && flags.certificate !== undefined)
    throw new UsageError('--out with --certificate: expected one of them, since no token is made')
  if (!/^[\w.@-]{1,64}$/.test(id))
    throw new UsageError(
      `--id: expected a name of 1 to 64 letters, digits, ".", "_", "@" or "-", got ${JSON.stringify(id)}`,
    )
  return inFile(path, (file) => {
    const token = newToken()
    const certificate =
      flags.certificate === undefined ? undefined : certificateOf(flags.certificate)
    const entry: TokenEntry = {
      id,
      sha256: certificate ?? digestOf(token),
      scopes: scopesOf(flags.scopes),
      expires: expiryOf(flags.expires ?? '90d', io.now()),
      ...(flags.rate !== undefined && { ratePerSecond: rateOf(flags.rate) }),
    }
    const [same] = entriesOf(file).filter((each) => each.id === id || each.sha256 === entry.sha256)
    if (same?.id === id)
      throw new UsageError(
        `${path} has a ${same.kind} called ${id} already; choose another --id, or revoke it`,
      )
    if (same !== undefined)
      throw new UsageError(`--certificate: ${path} has this one already, called ${same.id}`)
    const list = certificate === undefined ? 'tokens' : 'certificates'
    if (out !== undefined) writeToken(out, token)
    return {
      file: { ...file, [list]: [...(file[list] ?? []), entry] },
      undo: () => out !== undefined && rmSync(out),
      tell() {
        if (certificate === undefined && out === undefined) io.out(`${token}\n`)
        const until = entry.expires === null ? 'does not expire' : `expires ${entry.expires}`
        io.err(
          `${path}: added ${id} (${entry.scopes.join(', ')}), which ${until}. ${certificate !== undefined ? `It is certificate ${certificate}.` : out === undefined ? 'This is the only time that the token is shown.' : `The token is in ${out}, which its owner alone can read, and nowhere else.`}\n`,
        )
        return exit.ok
      },
    }
  })
}

/** `portcullis tokens list`: whose tokens and certificates there are, and what they are good for. */
export function listTokensCommand(flags: TokensFlags, io: Io): number {
  const { file } = usage(() => readTokens(pathOf(flags, io)))
  const shown = entriesOf(file).map(({ id, kind, scopes, expires, ratePerSecond }) => ({
    id,
    kind,
    scopes,
    expires,
    expired: expires !== null && Date.parse(expires) <= io.now(),
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  }))
  if (flags.json) io.out(`${JSON.stringify(shown, null, 2)}\n`)
  else if (shown.length === 0) io.out('no tokens\n')
  else
    io.out(
      table(
        shown.map(({ id, kind, scopes, expires, expired, ratePerSecond }) => [
          id,
          kind,
          scopes.join(','),
          expires === null ? 'never expires' : `${expired ? 'expired' : 'expires'} ${expires}`,
          ratePerSecond === undefined ? '' : `${ratePerSecond} a second`,
        ]),
        '',
      ),
    )
  return exit.ok
}

/**
 * `portcullis tokens revoke`: a running service refuses the token within about a second. A certificate stays in the file as one that has
 * expired: one that is not named there has what all others of its CA have.
 */
export function revokeTokenCommand(id: string, flags: TokensFlags, io: Io): number {
  const path = pathOf(flags, io)
  return inFile(path, (file) => {
    const entries = entriesOf(file)
    const found = entries.find((entry) => entry.id === id)
    if (found === undefined)
      throw new UsageError(
        `${path} has no token called ${JSON.stringify(id)}, but ${entries.map((entry) => entry.id).join(', ') || 'none at all'}`,
      )
    const tokens = file.tokens.filter((entry) => entry.id !== id)
    const expires = new Date(io.now()).toISOString()
    const certificates = file.certificates?.map((entry) =>
      entry.id === id ? { ...entry, expires } : entry,
    )
    return {
      file: { tokens, ...(certificates && { certificates }) },
      tell() {
        io.err(
          found.kind === 'certificate'
            ? `${path}: revoked ${id}, which stays there as expired\n`
            : `${path}: revoked ${id}; ${plural(tokens.length, 'token')} left\n`,
        )
        return exit.ok
      },
    }
  })
}

/** All that are named in the file; no two have one id. */
const entriesOf = ({ tokens, certificates = [] }: TokensFile) => [
  ...tokens.map((entry) => ({ ...entry, kind: 'token' as const })),
  ...certificates.map((entry) => ({ ...entry, kind: 'certificate' as const })),
]

/** SHA-256 of the certificate in a file, PEM or DER. */
function certificateOf(path: string): string {
  const bytes = usage(() => readFileSync(path))
  try {
    return fingerprintOf(new X509Certificate(bytes))
  } catch {
    throw new UsageError(`--certificate: expected a certificate in ${path}, PEM or DER`)
  }
}

/** For its owner alone, and never over a file that is there. */
function writeToken(path: string, token: string): void {
  try {
    writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    throw isThere
      ? new UsageError(`--out: ${path} is there already, and may hold a token; choose another name`)
      : error
  }
}

type Change = {
  readonly file: TokensFile
  readonly tell: () => number
  /** Takes back what was done before the file was written, where it can't be. */
  readonly undo?: () => void
}

/** Says that it is done only once it is. */
function inFile(path: string, change: (file: TokensFile) => Change): number {
  return usage(() => {
    const stamp = stampOfFile(path)
    const read = stamp === undefined ? undefined : readTokens(path)
    const { file, tell, undo } = change(read?.file ?? { tokens: [] })
    try {
      writeTokens(path, file, read?.stamp)
    } catch (error) {
      undo?.()
      throw error
    }
    return tell()
  })
}

function usage<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof TokensFault) throw new UsageError(error.message)
    if (error instanceof Error && 'syscall' in error) throw new UsageError(error.message)
    throw error
  }
}

function pathOf({ tokens }: TokensFlags, { env }: Io): string {
  const path = tokens ?? env[settings.tokens.env] ?? ''
  if (path === '') throw new UsageError(`expected --tokens FILE, or ${settings.tokens.env}`)
  return path
}

function scopesOf(given = ''): readonly Scope[] {
  const names = given.split(',').map((name) => name.trim())
  const wrong = names.find((name) => !scopes.includes(name as Scope))
  if (wrong !== undefined)
    throw new UsageError(
      `--scopes: expected some of ${scopes.join(', ')}, with commas in between, got ${JSON.stringify(given)}`,
    )
  return [...new Set(names as Scope[])]
}

function rateOf(given: string): number {
  const rate = /^\d{1,7}$/.test(given) ? Number(given) : 0
  if (rate < 1 || rate > 1_000_000)
    throw new UsageError(
      `--rate: expected a whole number from 1 to 1000000, got ${JSON.stringify(given)}`,
    )
  return rate
}

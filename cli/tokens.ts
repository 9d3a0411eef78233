import {
  digestOf,
  newToken,
  readTokens,
  scopes,
  settings,
  stampOfFile,
  TokensFault,
  writeTokens,
  type Scope,
  type TokenEntry,
} from '../server/index.ts'
import { exit, plural, table, UsageError, type Io } from './io.ts'

export type TokensFlags = {
  readonly tokens?: string
  readonly id?: string
  readonly scopes?: string
  readonly expires?: string
  readonly rate?: string
  readonly json?: boolean
}

const dayMs = 86_400_000

/** `portcullis tokens create`: a new token, which is printed once and kept nowhere; the file gets its hash. */
export function createTokenCommand(flags: TokensFlags, io: Io): number {
  const path = pathOf(flags, io)
  const { id = '' } = flags
  if (!/^[\w.@-]{1,64}$/.test(id))
    throw new UsageError(
      `--id: expected a name of 1 to 64 letters, digits, ".", "_", "@" or "-", got ${JSON.stringify(id)}`,
    )
  return inFile(path, (entries) => {
    if (entries.some((entry) => entry.id === id))
      throw new UsageError(
        `${path} has a token called ${id} already; choose another --id, or revoke it`,
      )
    const token = newToken()
    const entry: TokenEntry = {
      id,
      sha256: digestOf(token),
      scopes: scopesOf(flags.scopes),
      expires: expiryOf(flags.expires ?? '90d', io.now()),
      ...(flags.rate !== undefined && { ratePerSecond: rateOf(flags.rate) }),
    }
    return {
      entries: [...entries, entry],
      tell() {
        io.out(`${token}\n`)
        const until = entry.expires === null ? 'does not expire' : `expires ${entry.expires}`
        io.err(
          `${path}: added ${id} (${entry.scopes.join(', ')}), which ${until}. This is the only time that the token is shown.\n`,
        )
        return exit.ok
      },
    }
  })
}

/** `portcullis tokens list`: whose tokens there are, and what they are good for. */
export function listTokensCommand(flags: TokensFlags, io: Io): number {
  const { tokens } = usage(() => readTokens(pathOf(flags, io))).file
  const shown = tokens.map(({ id, scopes, expires, ratePerSecond }) => ({
    id,
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
        shown.map(({ id, scopes, expires, expired, ratePerSecond }) => [
          id,
          scopes.join(','),
          expires === null ? 'never expires' : `${expired ? 'expired' : 'expires'} ${expires}`,
          ratePerSecond === undefined ? '' : `${ratePerSecond} a second`,
        ]),
        '',
      ),
    )
  return exit.ok
}

/** `portcullis tokens revoke`: a running service refuses the token within about a second. */
export function revokeTokenCommand(id: string, flags: TokensFlags, io: Io): number {
  const path = pathOf(flags, io)
  return inFile(path, (entries) => {
    const left = entries.filter((entry) => entry.id !== id)
    if (left.length === entries.length)
      throw new UsageError(
        `${path} has no token called ${JSON.stringify(id)}, but ${entries.map((entry) => entry.id).join(', ') || 'none at all'}`,
      )
    return {
      entries: left,
      tell() {
        io.err(`${path}: revoked ${id}; ${plural(left.length, 'token')} left\n`)
        return exit.ok
      },
    }
  })
}

type Change = { readonly entries: readonly TokenEntry[]; readonly tell: () => number }

/** Says that it is done only once it is. */
function inFile(path: string, change: (entries: readonly TokenEntry[]) => Change): number {
  return usage(() => {
    const stamp = stampOfFile(path)
    const read = stamp === undefined ? undefined : readTokens(path)
    const { entries, tell } = change(read?.file.tokens ?? [])
    writeTokens(path, { ...read?.file, tokens: entries }, read?.stamp)
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

function expiryOf(given: string, now: number): string | null {
  if (given === 'never') return null
  const days = /^(\d{1,5})d$/.exec(given)?.[1]
  const at = days === undefined ? Date.parse(given) : now + Number(days) * dayMs
  if (Number.isNaN(at) || at <= now)
    throw new UsageError(
      `--expires: expected days like 90d, a time to come like 2027-01-31T00:00:00Z, or never, got ${JSON.stringify(given)}`,
    )
  return new Date(at).toISOString()
}

function rateOf(given: string): number {
  const rate = /^\d{1,7}$/.test(given) ? Number(given) : 0
  if (rate < 1 || rate > 1_000_000)
    throw new UsageError(
      `--rate: expected a whole number from 1 to 1000000, got ${JSON.stringify(given)}`,
    )
  return rate
}

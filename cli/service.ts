import { readFileSync } from 'node:fs'
import { faultText } from '../engine/index.ts'
import { ClientError, createClient, type Client } from '../client/index.ts'
import { exposure } from '../server/settings.ts'
import { defaultUrl } from './default-url.ts'
import { exit, unreadable, UsageError, type Io } from './io.ts'

/** How the command line reaches a service that runs. */
export type ServiceFlags = {
  readonly url?: string
  readonly tokenFile?: string
  readonly insecure?: boolean
  readonly json?: boolean
}

/** Asks a service that runs; what it refuses is said in words, or as JSON. Resolves to the exit code. */
export async function withService(
  flags: ServiceFlags,
  io: Io,
  ask: (client: Client) => Promise<number>,
): Promise<number> {
  const client = clientOf(flags)
  try {
    return await ask(client)
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    const { failure, status, problem, message } = error
    if (flags.json) io.out(`${JSON.stringify({ failure, status, message, problem }, null, 2)}\n`)
    io.err(`portcullis: ${message}\n`)
    const faults = (problem?.errors ?? []).map(faultText)
    const isSaid = faults.length === 1 && message.includes(faults[0]!)
    if (!isSaid) for (const fault of faults) io.err(`  ${fault}\n`)
    if (failure === 'unreachable')
      io.err(`  is a service running at ${flags.url ?? defaultUrl}? try: portcullis serve\n`)
    if (status === 401 || status === 403)
      io.err('  say --token-file FILE with a token that has the scope\n')
    return status === 400 ? exit.usage : exit.findings
  } finally {
    client.close()
  }
}

function clientOf({ url = defaultUrl, tokenFile, insecure }: ServiceFlags): Client {
  try {
    return createClient({
      url,
      // A rule set of thousands takes its time to be made, and people wait for it.
      timeoutMs: 60_000,
      deadlineMs: 60_000,
      ...(tokenFile !== undefined && { token: tokenIn(tokenFile) }),
      ...(insecure !== undefined && { insecure }),
    })
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message)
    throw error
  }
}

function tokenIn(file: string): string {
  try {
    const exposed = exposure(file)
    if (exposed !== undefined) throw new UsageError(`--token-file: ${exposed}`)
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw error instanceof UsageError ? error : unreadable(file, error)
  }
}

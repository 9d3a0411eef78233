import { shippedPacks } from '../packs.ts'
import { attackAt } from './attack.ts'
import { exchange } from './exchange.ts'
import type { Attacked } from './service.ts'
import { findingOf } from './verdict.ts'

export type FuzzOptions = {
  readonly seed: number
  readonly requests: number
  /** The first place. */
  readonly from?: number
  readonly progress?: (done: number) => void
}

export type FuzzReport = {
  readonly findings: readonly string[]
  /** Answers by status; `none` where the connection was closed without one. */
  readonly answers: Readonly<Record<string, number>>
  /** Resident memory in bytes: after the warm-up, which is a tenth of the attacks, and when all was over. */
  readonly rss: readonly [before: number, after: number]
  readonly sockets: readonly [before: number | undefined, after: number | undefined]
}

const together = 32
const { loaded, pack } = shippedPacks[0]!
const ordinary = pack.cases[0]!
/** So much memory may be left with collectors that have had no reason to run. */
const mostGrowth = 64 * 1_048_576
const settleMs = 4_000

/** Attacks a service, and says all that it did wrong, each with the place from which it can be done again. */
export async function fuzz(service: Attacked, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, requests, from = 0, progress } = options
  const findings: string[] = []
  const answers: Record<string, number> = {}
  const socketsBefore = service.sockets()
  let next = from
  const attackUntil = (end: number) =>
    Promise.all(
      Array.from({ length: together }, async () => {
        while (next < end && service.lastWords() === undefined) {
          const index = next++
          const attack = attackAt(seed, index)
          const exchanged = await exchange(attack, service.url)
          const { got } = exchanged
          const died = service.lastWords()
          if (died !== undefined) findings.push(`--seed ${seed} --only ${index}: it ended: ${died}`)
          const statuses = [...got.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(
            ([, each]) => each!,
          )
          for (const status of statuses.length > 0 ? statuses : ['none'])
            answers[status] = (answers[status] ?? 0) + 1
          const wrong = findingOf(loaded, attack.bytes, exchanged)
          if (wrong !== undefined) findings.push(`--seed ${seed} --only ${index}: ${wrong}`)
          if ((index - from + 1) % 1_000 === 0) progress?.(index - from + 1)
        }
      }),
    )
  await attackUntil(from + Math.ceil(requests / 10))
  const before = service.lastWords() === undefined ? await residentBytes(service.url) : 0
  await attackUntil(from + requests)
  if (service.lastWords() !== undefined)
    return { findings, answers, rss: [before, 0], sockets: [socketsBefore, 0] }
  await askOrdinarily(service.url).then(
    (outcome) =>
      outcome === ordinary.expect.outcome ||
      findings.push(`afterwards an ordinary sign-in got ${outcome}`),
    (error: unknown) => findings.push(`afterwards an ordinary sign-in got ${String(error)}`),
  )
  await new Promise((resolve) => setTimeout(resolve, settleMs)) // all deadlines are over
  const after = await residentBytes(service.url)
  const socketsAfter = service.sockets()
  if (after - before > mostGrowth) findings.push(`memory grew from ${before} to ${after} bytes`)
  if (socketsBefore !== undefined && socketsAfter !== undefined && socketsAfter > socketsBefore + 2)
    findings.push(`${socketsAfter} sockets are open, and ${socketsBefore} were before`) // ours among them
  return { findings, answers, rss: [before, after], sockets: [socketsBefore, socketsAfter] }
}

async function askOrdinarily(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/decisions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(ordinary.signIn),
  })
  const { outcome } = (await response.json()) as { readonly outcome?: string }
  return outcome ?? `HTTP ${response.status}`
}

async function residentBytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text()
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1])
}

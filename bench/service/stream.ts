import { once } from 'node:events'
import { request } from 'node:http'
import { watchMemory } from '../load/memory.ts'
import type { Workload } from '../load/workload.ts'
import { flatnessOf } from './memory.ts'
import { service } from './servers.ts'
import { casesOf } from './workloads.ts'
import type { Ground } from './ground.ts'
import type { Found, Target } from './target.ts'

const signIns = 1_000_000

export const streamTarget: Target = {
  name: 'stream',
  what: 'memory of the service over an NDJSON stream of 1,000,000 sign-ins: last third ÷ middle third',
  atMost: 1.05,
  unit: '×',
  method:
    'one request, its lines made under way, written as fast as they are taken; every line of the answer compared with the right one; looked at every 100 ms; medians of the thirds',
}

export async function streamMemory(ground: Ground): Promise<Found> {
  const { target, stop } = await service('Portcullis').start(ground)
  try {
    ground.watch.progress('stream: a million sign-ins')
    const workload = casesOf(ground.source.pack, ground.seed)
    const { seen, stop: stopLooking } = watchMemory(target.pid!, 100)
    const from = performance.now()
    const { bytes } = await streamed(target.url, workload, signIns, ground.watch.signal).finally(
      stopLooking,
    )
    const seconds = (performance.now() - from) / 1_000
    const flat = flatnessOf(seen)
    return {
      ...flat,
      figures: [
        ...flat.figures,
        {
          name: 'at most',
          rounds: [Math.max(...seen.map(({ rssBytes }) => rssBytes)) / 1e6],
          unit: 'MB',
        },
        { name: 'sent', rounds: [bytes / 1e6], unit: 'MB' },
        { name: 'rate', rounds: [signIns / seconds], unit: 'sign-ins/s' },
      ],
    }
  } finally {
    await stop()
  }
}

/** Sends so many sign-ins in one request, and compares each line that comes back. Rejects at the first that is not right. */
export async function streamed(
  url: string,
  { questions, order, ruleSet }: Workload,
  count: number,
  signal: AbortSignal,
): Promise<{ readonly bytes: number }> {
  const asked = order.map((place) => questions[place]!)
  const lines = asked.map(({ signIns: [signIn] }) => Buffer.from(`${signIn}\n`))
  const wanted = asked.map(({ expected }) => {
    const [right] = expected[ruleSet.revision]!
    return right!.outcome === 'refused' ? '' : `",${right!.json.slice(1)}`
  })
  const sending = request(`${url}/v1/decisions/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    agent: false,
    signal,
  })
  const failed = once(sending, 'error').then(([error]) => {
    throw error as Error
  })
  const answered = checked(sending, wanted, count)
  let bytes = 0
  const all = Buffer.concat(lines)
  const sent = (async () => {
    for (let at = 0; at < count; at += lines.length) {
      const left = count - at
      const chunk = left >= lines.length ? all : Buffer.concat(lines.slice(0, left))
      bytes += chunk.length
      if (!sending.write(chunk)) await once(sending, 'drain')
    }
    sending.end()
  })()
  await Promise.race([Promise.all([sent, answered]), failed]).finally(() => sending.destroy())
  return { bytes }
}

async function checked(
  sending: ReturnType<typeof request>,
  wanted: readonly string[],
  count: number,
): Promise<void> {
  const [response] = (await once(sending, 'response')) as [
    AsyncIterable<Buffer> & { statusCode?: number },
  ]
  let index = 0
  let rest = ''
  for await (const part of response) {
    const pieces = (rest + part.toString('latin1')).split('\n')
    rest = pieces.pop()!
    for (const line of pieces) {
      const right =
        line.startsWith(`{"index":${index},"decisionId":"`) &&
        line.endsWith(wanted[index % wanted.length]!)
      if (!right)
        throw new Error(
          `line ${index}: expected a decision that ends with ${wanted[index % wanted.length]}, got ${response.statusCode} ${line.slice(0, 500)}`,
        )
      index++
    }
  }
  if (index !== count || rest !== '')
    throw new Error(
      `expected ${count} lines, got ${index} and ${JSON.stringify(rest.slice(0, 200))}`,
    )
}

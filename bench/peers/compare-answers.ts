import type { Exchange } from '../load/protocol.ts'
import type { Wrong } from '../load/result.ts'

const together = 4

/**
 * Asks each of these once, before anything is timed. The first answer that is not the one expected ends it and is returned;
 * throws an Error when something is not answered at all.
 */
export async function firstDifference(
  url: string,
  exchanges: readonly Exchange[],
  signal: AbortSignal,
): Promise<Wrong | undefined> {
  for (let from = 0; from < exchanges.length; from += together) {
    const judgements = await Promise.all(
      exchanges.slice(from, from + together).map(async ({ path, headers, body, judge }) => {
        const response = await fetch(url + path, { method: 'POST', headers, body, signal })
        return judge(response.status, Buffer.from(await response.arrayBuffer()))
      }),
    )
    for (const judgement of judgements) {
      if (judgement === 'unavailable') throw new Error('it says that it is not available')
      if (judgement !== 'right') return judgement
    }
  }
  return undefined
}

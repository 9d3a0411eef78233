import { quantile } from '../../statistics.ts'
import { nothing, type Content } from './content.ts'
import type { SoakPart } from '../document.ts'
import { count, megabytes, number, plural } from '../units.ts'

export function soakContent(part: SoakPart): Content {
  const { memory, bytesPerMinute, swaps, kills, stale, said } = part
  const made = swaps.filter(({ failed }) => failed === undefined).map(({ ms }) => ms)
  const rss = memory.map(({ rssBytes }) => rssBytes)
  return {
    ...nothing,
    alerts: swaps.flatMap(({ failed }) =>
      failed === undefined ? [] : [`A swap failed: ${failed}`],
    ),
    tables: [],
    facts: [
      [
        'memory',
        rss.length === 0
          ? 'not seen'
          : `${megabytes(rss[0])} MB at first, ${megabytes(rss.at(-1))} MB at last, ${megabytes(Math.max(...rss))} MB at most${
              bytesPerMinute === undefined
                ? ''
                : `; grew by ${number(bytesPerMinute / 1e6)} MB a minute after the warm-up`
            }`,
      ],
      [
        'swaps',
        made.length === 0
          ? 'none'
          : `${count(made.length)}, p50 ${number(quantile(made, 0.5))} ms, at most ${number(Math.max(...made))} ms; ${plural(stale, 'answer')} by the rule set before to requests sent after`,
      ],
      ['ended threads', count(kills.length)],
      ...said.map(({ line, count: times }) => ['said', `${count(times)} × ${line}`] as const),
    ],
  }
}

import type { Content } from './content.ts'
import type { CapacityPart } from '../document.ts'
import { duration, ms, number } from '../units.ts'
import { loadContent } from './load.ts'

export function capacityContent(part: CapacityPart): Content {
  const { limit, steps, perSecond, confirmation } = part
  const confirmed = confirmation && loadContent(confirmation)
  return {
    alerts: [
      ...(confirmed?.alerts ?? []),
      ...(perSecond === undefined ? ['No rate can be named.'] : []),
    ],
    wrong: confirmed?.wrong ?? [],
    wrongCount: confirmed?.wrongCount ?? 0,
    keys: [
      { name: 'capacity', value: number(perSecond), unit: 'requests per second' },
      { name: `limit ${limit.percentile}`, value: `≤ ${number(limit.us / 1_000)}`, unit: 'ms' },
      ...(confirmation
        ? [
            {
              name: 'confirmed p99',
              value: ms(confirmation.latency.p99Us),
              unit: 'ms',
              bad: confirmation.latency.p99Us > limit.us,
            },
          ]
        : []),
    ],
    facts: confirmed?.facts ?? [],
    tables: [
      {
        caption: `Rates tried, in order; ${limit.percentile} may be ${duration(limit.us)} at most`,
        columns: [
          { name: 'rate', unit: '/s' },
          { name: 'p50', unit: 'ms' },
          { name: 'p99', unit: 'ms' },
          { name: 'limit' },
        ],
        rows: steps.map((step) => [
          number(step.perSecond),
          ms(step.p50Us),
          ms(step.p99Us),
          step.met ? 'met' : 'missed',
        ]),
      },
      ...(confirmed
        ? confirmed.tables.map((each) => ({ ...each, caption: 'Confirmation, longer: latency' }))
        : []),
    ],
    notes: steps.flatMap(({ perSecond, because }) =>
      because === undefined ? [] : [`${number(perSecond)}/s missed it: ${because}`],
    ),
  }
}

import { peersContent } from '../content/peers.ts'
import type { PeersPart } from '../document.ts'
import { number } from '../units.ts'
import { linear, logarithmic } from './axis.ts'
import { bars } from './bars.ts'
import type { Figure } from './figure.ts'

export function peersFigures(part: PeersPart): readonly Figure[] {
  const [table] = peersContent(part).tables
  const costs = part.rows.flatMap(({ peer, cpuUs, timesOurs }) =>
    cpuUs === undefined ? [] : [{ peer, cpuUs, timesOurs }],
  )
  const waits = part.rows.flatMap(({ peer, p50Us, p99Us, p999Us }) =>
    p50Us === undefined || p99Us === undefined
      ? []
      : [{ peer, p50: p50Us / 1_000, p99: p99Us / 1_000, p999: (p999Us ?? p99Us) / 1_000 }],
  )
  const tone = (peer: string) => (peer === part.rows[0]?.peer ? 'one' : 'quiet')
  return [
    ...(costs.length === 0
      ? []
      : [
          {
            title: 'CPU time a decision',
            reading: 'Shorter is cheaper; × says how many times what the first one takes.',
            draw: (width) =>
              bars(
                width,
                linear('CPU time, µs a decision', [0, ...costs.map(({ cpuUs }) => cpuUs)], {
                  steps: width < 500 ? 3 : 6,
                }),
                costs.map(({ peer, cpuUs, timesOurs }) => ({
                  name: peer,
                  to: cpuUs,
                  value: `${number(cpuUs)} µs${timesOurs === undefined || timesOurs === 1 ? '' : `, ${number(timesOurs)} ×`}`,
                  tone: tone(peer),
                })),
              ),
            table: table!,
          } satisfies Figure,
        ]),
    ...(waits.length === 0
      ? []
      : [
          {
            title: 'Latency',
            reading: 'Each bar goes from p50 to p99.9, with p99 marked; further left is quicker.',
            draw: (width) =>
              bars(
                width,
                logarithmic(
                  'latency, ms',
                  waits.flatMap(({ p50, p999 }) => [p50, p999]),
                ),
                waits.map(({ peer, p50, p99, p999 }) => ({
                  name: peer,
                  from: p50,
                  to: p999,
                  at: p99,
                  value: `p99 ${number(p99)} ms`,
                  tone: tone(peer),
                })),
              ),
            table: table!,
          } satisfies Figure,
        ]),
  ]
}

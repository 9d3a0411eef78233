import { protocols } from '../load/protocols.ts'
import { startEcho, type Started } from '../runs/layers/http-layer.ts'
import { casesOf } from './workloads.ts'
import type { Ground } from './ground.ts'
import type { Found, Target } from './target.ts'

export const startTarget: Target = {
  name: 'start',
  what: 'from start to first answer vs plain node on the same TypeScript',
  atMost: 0.8,
  unit: '×',
  method:
    'from spawning to the first decision over HTTP, in turns after one start of each that is not counted; plain: a script that imports the service’s modules, reads the pack, listens and decides on its one thread, without compile cache and pool',
}

/** Each round starts both once. */
export async function startTimes(ground: Ground): Promise<Found> {
  const { source, seed, watch, rounds } = ground
  const { questions } = casesOf(source.pack, seed)
  const { path, headers, body, judge } = protocols.portcullis.prepare(questions[0]!)
  const firstAnswer = async (start: () => Promise<Started>): Promise<number> => {
    const from = performance.now()
    const { url, stop } = await start()
    try {
      const answer = await fetch(url + path, { method: 'POST', headers, body })
      const came = Buffer.from(await answer.arrayBuffer())
      const ms = performance.now() - from
      if (judge(answer.status, came) !== 'right')
        throw new Error(`expected a decision, got ${answer.status} ${came.toString()}`)
      return ms
    } finally {
      await stop()
    }
  }
  const ours = () => ground.startService({ pack: source.from })
  const plain = () => startEcho('../../service/plain-server', undefined, [source.from])
  const [own, other]: [number[], number[]] = [[], []]
  for (let round = 0; round <= Math.max(5, rounds) && !watch.signal.aborted; round++) {
    watch.progress(`start: round ${round} of ${Math.max(5, rounds)}`)
    const both = [
      [own, ours],
      [other, plain],
    ] as const
    for (const [times, start] of round % 2 === 0 ? both : both.toReversed()) {
      const ms = await firstAnswer(start)
      if (round > 0) times.push(ms)
    }
  }
  return {
    rounds: other.slice(0, own.length).map((ms, round) => own[round]! / ms),
    figures: [
      { name: 'the service', rounds: own, unit: 'ms' },
      { name: 'plain', rounds: other, unit: 'ms' },
    ],
  }
}

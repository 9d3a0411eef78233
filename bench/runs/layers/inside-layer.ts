import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../../../engine/index.ts'
import { nodeOn } from '../../load/pinned.ts'
import type { Workload } from '../../load/workload.ts'
import type { FromInside, ToInside } from './inside-process.ts'
import type { Inside, InsideOrder } from './inside.ts'
import type { Layer, Round } from './layer.ts'

const entry = fileURLToPath(moduleBeside(import.meta.url, 'inside-process'))
const startWithinMs = 30_000

/** Deciding without HTTP, in a process of its own. */
export const insideLayer = (name: string, inside: Inside): Layer => ({
  name,
  async start({ ruleSet, workload, seconds, warmUpSeconds, cores }) {
    const node = nodeOn(cores?.service)
    const child = fork(entry, {
      execPath: node.program,
      execArgv: [...node.args],
      serialization: 'advanced',
    })
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    const ask = (message: ToInside, withinMs: number) =>
      new Promise<FromInside>((resolve, reject) => {
        const fail = (why: string) => reject(new Error(`${name}: ${why}`))
        const late = setTimeout(() => fail(`no answer within ${withinMs / 1_000} s`), withinMs)
        child.once('message', (answer: FromInside) => {
          clearTimeout(late)
          if (answer.kind === 'error') fail(answer.message)
          else resolve(answer)
        })
        void gone.then(() => {
          clearTimeout(late)
          fail(`its process ended (${child.signalCode ?? `exit code ${child.exitCode}`})`)
        })
        child.send(message, () => undefined) // one that is gone is told of above
      })
    const round = async (length: number): Promise<Round> => {
      const answer = await ask({ seconds: length }, startWithinMs + length * 1_000)
      return (answer as { readonly round: Round }).round
    }
    const stop = async () => {
      process.removeListener('exit', kill)
      kill()
      await gone
    }
    try {
      const signIns = signInsOf(workload)
      await ask({ order: { ruleSet, inside, signIns } }, startWithinMs)
      await round(warmUpSeconds)
    } catch (error) {
      await stop()
      throw error
    }
    return { round: () => round(seconds), stop }
  },
})

/** One by one, in the order in which they are asked. */
const signInsOf = ({ questions, order, ruleSet }: Workload): InsideOrder['signIns'] =>
  order.flatMap((place) => {
    const { signIns, expected } = questions[place]!
    return signIns.map((text, at) => {
      const wanted = expected[ruleSet.revision]![at]!
      return { text, json: wanted.outcome === 'refused' ? '' : wanted.json }
    })
  })

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { nodeOn } from '../../load/pinned.ts'
import type { Workload } from '../../load/workload.ts'
import type { FromInside, ToInside } from './inside-process.ts'
import type { Inside, InsideOrder } from './inside.ts'
import type { Layer, Round } from './layer.ts'

const entry = fileURLToPath(new URL('inside-process.ts', import.meta.url))
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
    const ask = (message: ToInside, withinMs: number) =>
      new Promise<FromInside>((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`${name}: no answer within ${withinMs / 1_000} s`)),
          withinMs,
        )
        const ended = (code: number | null) =>
          reject(new Error(`${name}: its process ended with exit code ${code}`))
        child.once('exit', ended)
        child.once('message', (answer: FromInside) => {
          clearTimeout(late)
          child.removeListener('exit', ended)
          if (answer.kind === 'error') reject(new Error(`${name}: ${answer.message}`))
          else resolve(answer)
        })
        child.send(message)
      })
    const round = async (length: number): Promise<Round> => {
      const answer = await ask({ seconds: length }, startWithinMs + length * 1_000)
      return (answer as { readonly round: Round }).round
    }
    const stop = () =>
      new Promise<void>((resolve) => {
        process.removeListener('exit', kill)
        child.once('exit', () => resolve())
        kill()
      })
    try {
      const signIns = signInsOf(workload)
      await ask({ order: { ruleSet, inside, signIns } }, startWithinMs)
      await round(warmUpSeconds)
    } catch (error) {
      if (child.exitCode === null) await stop()
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

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../../../engine/index.ts'
import type { ProtocolName } from '../../load/order.ts'
import { nodeOn } from '../../load/pinned.ts'
import { askClosed } from '../asking.ts'
import type { Ground, Layer } from './layer.ts'

export type Started = {
  readonly url: string
  readonly pid: number
  readonly stop: () => Promise<void>
}

const startWithinMs = 10_000

/** The service itself, with arguments of `serve`. */
export const serviceLayer = (name: string, args: readonly string[] = []): Layer =>
  httpLayer({ name }, 'portcullis', ({ pack, startService, cores }) =>
    startService({ pack, args, ...(cores && { core: cores.service }) }),
  )

/** A server that does nothing but send back what it is sent: no service of its kind costs less. */
export const echoLayer = (name: string, file: string): Layer =>
  httpLayer({ name, ceiling: true }, 'echo', ({ cores }) => startEcho(file, cores?.service))

function httpLayer(
  layer: Pick<Layer, 'name' | 'ceiling'>,
  protocol: ProtocolName,
  begin: (ground: Ground) => Promise<Started>,
): Layer {
  return {
    ...layer,
    async start(ground, watch) {
      const { drive, workload, connections, seconds, warmUpSeconds, cores } = ground
      const { url, pid, stop } = await begin(ground)
      const asking = {
        drive,
        workload,
        target: { url, protocol, pid },
        ...(cores && { generatorCore: cores.generator }),
      }
      const ask = async (length: number) => {
        const result = await askClosed(asking, connections, length, watch, { warmUpSeconds: 0.2 })
        const [wrong] = result.wrong.examples
        if (wrong)
          throw new Error(
            `${layer.name}: expected ${wrong.expected}, got ${wrong.actual} for ${wrong.signIn}`,
          )
        if (result.service === undefined)
          throw new Error(`${layer.name}: its CPU time is not known on this system`)
        return {
          cpuUs: (result.service.cpuUsPerRequest * result.answered) / result.decisions,
          perSecond: result.decisions / result.seconds,
          p50Us: result.latency.p50Us,
          p99Us: result.latency.p99Us,
        }
      }
      try {
        await ask(warmUpSeconds)
      } catch (error) {
        await stop()
        throw error
      }
      return { round: () => ask(seconds), stop }
    },
  }
}

/** A module, given from this folder without its extension, as a server that says on which port it listens. */
export async function startEcho(
  file: string,
  core: number | undefined,
  args: readonly string[] = [],
): Promise<Started> {
  const node = nodeOn(core)
  const child = fork(fileURLToPath(moduleBeside(import.meta.url, file)), args, {
    execPath: node.program,
    execArgv: [...node.args],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const gone = once(child, 'exit')
  const port = await Promise.race([
    once(child, 'message', { signal: AbortSignal.timeout(startWithinMs) }),
    gone.then(() => Promise.reject(new Error(`${file} did not start`))),
  ]).then(
    ([message]: { readonly port: number }[]) => message!.port,
    (error: unknown) => {
      kill()
      throw error
    },
  )
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid!, // taskset becomes what it starts
    async stop() {
      process.removeListener('exit', kill)
      kill()
      await gone
    },
  }
}

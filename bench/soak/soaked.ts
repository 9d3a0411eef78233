import { fork } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../../engine/index.ts'
import type { FromSoaked, SoakOrder, ToSoaked } from './service.ts'

export type Swapped = { readonly ms: number; readonly failed?: string }

/** The service under soak, in a process of its own. */
export type Soaked = {
  readonly url: string
  readonly pid: number
  /** Makes it decide by one of its packs. Rejects when the process ends meanwhile. */
  readonly swap: (to: number) => Promise<Swapped>
  /** Ends one of its threads; `onKilled` hears of it. */
  readonly kill: (which: number) => void
  /** What ended it, where it has ended by itself. */
  readonly ended: () => string | undefined
  readonly stop: () => Promise<void>
}

const startWithinMs = 30_000

export async function startSoaked(
  order: SoakOrder,
  heard: { readonly onKilled: (atMs: number) => void; readonly onSaid: (line: string) => void },
): Promise<Soaked> {
  const child = fork(fileURLToPath(moduleBeside(import.meta.url, 'service')), { execArgv: [] })
  const tell = (message: ToSoaked) => child.connected && child.send(message)
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  let ended: string | undefined
  const gone = new Promise<never>((_, reject) => {
    child.once('exit', (code, by) => {
      ended = `the service ended (${by ?? `exit code ${code}`})`
      reject(new Error(ended))
    })
  })
  gone.catch(() => undefined)
  child.on('message', (message: FromSoaked) => {
    if (message.kind === 'killed') heard.onKilled(message.atMs)
    if (message.kind === 'said') heard.onSaid(message.line)
  })
  const answer = (...kinds: readonly FromSoaked['kind'][]) => {
    const heard = new Promise<FromSoaked>((resolve, reject) => {
      child.on('message', function listen(message: FromSoaked) {
        if (message.kind === 'error') reject(new Error(message.message))
        else if (kinds.includes(message.kind)) resolve(message)
        else return
        child.removeListener('message', listen)
      })
    })
    return Promise.race([heard, gone])
  }
  const stop = async () => {
    process.removeListener('exit', kill)
    kill()
    await gone.catch(() => undefined)
  }
  try {
    const ready = answer('ready')
    tell(order)
    const message = await Promise.race([ready, delay(startWithinMs, undefined, { ref: false })])
    if (message?.kind !== 'ready')
      throw new Error(`the service did not start within ${startWithinMs / 1_000} s`)
    return {
      url: message.url,
      pid: child.pid!,
      async swap(to) {
        const swapped = answer('swapped', 'failed')
        tell({ swap: to })
        const said = await swapped
        if (said.kind === 'failed') return { ms: said.ms, failed: said.why }
        return { ms: said.kind === 'swapped' ? said.ms : Number.NaN }
      },
      kill: (which) => tell({ kill: which }),
      ended: () => ended,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

import { fork } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../../engine/index.ts'
import { addressOf } from './connection.ts'
import { figuresBetween, readFigures, type Reading } from './figures.ts'
import type { FromGenerator, ToGenerator } from './generator.ts'
import type { LoadOrder } from './order.ts'
import { nodeOn } from './pinned.ts'
import type { LoadResult } from './result.ts'

export type DriveOptions = {
  /** Ends the run at once; the result is then of what was measured so far, `interrupted`. */
  readonly signal?: AbortSignal
  /** Told about once a second where it stands. */
  readonly progress?: (text: string) => void
}

/** What the service had used when the generator had so many answers. */
type Snapshot = {
  readonly reading: Reading | Promise<Reading | undefined> | undefined
  readonly answered: number
}

const entry = fileURLToPath(moduleBeside(import.meta.url, 'generator'))
const connectWithinMs = 5_000

/**
 * Generates load from a process of its own, so that nothing else here disturbs it, and gives what was measured. Rejects when
 * nothing listens at the target, when a question can't be asked in its protocol, and when the generator fails.
 */
export async function drive(
  order: LoadOrder,
  { signal, progress }: DriveOptions = {},
): Promise<LoadResult> {
  await mustListen(order.target.url)
  const warmsUp = order.warmUpSeconds > 0
  const node = nodeOn(order.core)
  const generator = fork(entry, {
    execPath: node.program,
    execArgv: [...node.args, '--disable-warning=TimeoutNegativeWarning'], // autocannon's timers
    serialization: 'advanced',
  })
  const tell = (message: ToGenerator) => generator.connected && generator.send(message)
  const stop = () => tell({ stop: true })
  const kill = () => generator.kill('SIGKILL')
  process.once('exit', kill)
  signal?.addEventListener('abort', stop)
  try {
    const read = (when: 'before' | 'after') => readFigures(order.target, when)
    // Reading disturbs the service, so it is done in the warm-up, or before anything is asked where there is none.
    let before: Snapshot = { reading: warmsUp ? undefined : await read('before'), answered: 0 }
    let after = before
    const result = await new Promise<LoadResult>((resolve, reject) => {
      generator.on('error', reject)
      generator.on('exit', (code, by) =>
        reject(new Error(`the load generator ended early (${by ?? `exit code ${code}`})`)),
      )
      generator.on('message', (message: FromGenerator) => {
        switch (message.kind) {
          case 'measuring':
            if (warmsUp) before = { reading: read('before'), answered: message.answered }
            break
          case 'measured':
            after = { reading: read('after'), answered: message.answered }
            break
          case 'progress':
            progress?.(message.text)
            break
          case 'result':
            resolve(message.result)
            break
          case 'error':
            reject(new Error(message.message))
        }
      })
      tell({ order })
      if (signal?.aborted) stop()
    })
    const service = figuresBetween(
      await before.reading,
      await after.reading,
      after.answered - before.answered,
    )
    return service ? { ...result, service } : result
  } finally {
    signal?.removeEventListener('abort', stop)
    process.removeListener('exit', kill)
    kill()
  }
}

/** Rejects, with what happened, where nobody listens: so that nobody waits for a run against nothing. */
export async function mustListen(url: string): Promise<void> {
  const { host, port } = addressOf(url)
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port, timeout: connectWithinMs }, () => {
      socket.destroy()
      resolve()
    })
    const fail = (why: string) => {
      socket.destroy()
      reject(new Error(`expected a decision point at ${url}, got ${why}`))
    }
    socket.on('timeout', () => fail(`no connection within ${connectWithinMs / 1_000} s`))
    socket.on('error', (error: Error & { readonly code?: string }) =>
      fail(error.code ?? error.message),
    )
  })
}

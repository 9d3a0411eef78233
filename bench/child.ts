import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { nodeOn } from './load/pinned.ts'

/** A process of ours with a channel for messages; what it says on stdout and stderr is kept, for when it fails. */
export type Child = { readonly process: ChildProcess; readonly said: () => string }

const mostSaid = 4_000

/** Starts a module (`moduleBeside`) as a process, on one core where the system can pin processes. */
export function startChild(module: URL, args: readonly string[], core?: number): Child {
  const node = nodeOn(core)
  const child = fork(fileURLToPath(module), args, {
    execPath: node.program,
    execArgv: [...node.args],
    serialization: 'advanced',
    silent: true,
  })
  let said = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-mostSaid)
    })
  return { process: child, said: () => said.trim() }
}

/** Its first message; an Error with what it said when it ends before it sends one. */
export async function firstMessage(child: Child, signal: AbortSignal): Promise<unknown> {
  const ended = new AbortController()
  const end = () => ended.abort()
  child.process.once('exit', end)
  child.process.once('error', end)
  try {
    const either = AbortSignal.any([signal, ended.signal])
    const [message] = (await once(child.process, 'message', { signal: either })) as [unknown]
    return message
  } catch {
    await stopChild(child)
    throw new Error(signal.aborted ? 'interrupted' : `it ended at once: ${child.said()}`)
  }
}

/** Ends it, and waits until it has ended. */
export async function stopChild({ process: child }: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit')
  child.kill()
  await exited
}

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeOn } from './pinned.ts'

export type ServiceOrder = {
  /** Name of a built-in pack, or path of a pack folder. */
  readonly pack: string
  /** Further arguments of `serve`. */
  readonly args?: readonly string[]
  /** The core that it is to run on, where the system can pin processes. */
  readonly core?: number
  /** Folder of the Portcullis to start; this one where it is left out. */
  readonly cwd?: string
}

export type StartedService = {
  readonly url: string
  readonly pid: number
  /** Resolves when it has ended. */
  readonly stop: () => Promise<void>
}

const startWithinMs = 30_000
const stopWithinMs = 15_000
const here = fileURLToPath(new URL('../..', import.meta.url))
const withParent = new URL('with-parent.js', import.meta.url).href

/** What `portcullis` runs in a checkout; it has not always been the same file. */
function entryOf(checkout: string): string {
  const { bin } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    readonly bin: { readonly portcullis: string }
  }
  return bin.portcullis
}

/**
 * The service as its users start it: in a process of its own, on a free port of 127.0.0.1, with the settings' defaults whatever
 * the environment says. Rejects with what it said when it does not start.
 */
export async function startService({
  pack,
  args = [],
  core,
  cwd = here,
}: ServiceOrder): Promise<StartedService> {
  const node = nodeOn(core)
  const service = spawn(
    node.program,
    [
      ...node.args,
      '--import',
      withParent,
      entryOf(cwd),
      'serve',
      '--port',
      '0',
      '--pack',
      pack,
      ...args,
    ],
    { cwd, env: withoutSettings(), stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  )
  const gone = new Promise<void>((resolve) => {
    service.once('exit', () => resolve())
    service.once('error', () => resolve())
  })
  const endWithUs = () => service.kill('SIGKILL')
  process.once('exit', endWithUs)
  void gone.then(() => process.removeListener('exit', endWithUs))

  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) =>
      reject(new Error(`the service ${why}${said && `: ${said.trim()}`}`))
    const late = setTimeout(() => {
      endWithUs()
      fail(`did not start within ${startWithinMs / 1_000} s`)
    }, startWithinMs)
    void gone.then(() => {
      clearTimeout(late)
      fail('did not start')
    })
    service.once('error', (error) => fail(`did not start (${error.message})`))
    service.stderr!.on('data', (part: Buffer) => {
      if (said.length < 10_000) said += part.toString()
      const found = /decides at (http:\S+)/.exec(said)?.[1]
      if (found === undefined) return
      clearTimeout(late)
      resolve(found)
    })
  })
  return {
    url,
    pid: service.pid!, // taskset becomes what it starts
    async stop() {
      service.kill('SIGTERM')
      const force = setTimeout(endWithUs, stopWithinMs)
      await gone
      clearTimeout(force)
    },
  }
}

const withoutSettings = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('PORTCULLIS_')),
  )

import { spawn } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Attacked = {
  readonly url: string
  /** Sockets that it holds; undefined where the system does not tell. */
  readonly sockets: () => number | undefined
  /** What it said last when it has ended by itself. */
  readonly lastWords: () => string | undefined
  readonly stop: () => Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Short, so that those who only hold a connection don't hold up the fuzzer. */
const deadlines = [
  '--headers-timeout',
  '1000',
  '--request-timeout',
  '1000',
  '--idle-timeout',
  '1500',
]

/** Starts the service as its users do, in a process of its own. Rejects with what it said when it ends early. */
export function startAttacked(): Promise<Attacked> {
  const args = ['cli/main.js', 'serve', '--port', '0', '--keep-alive-timeout', '1000', ...deadlines]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  let said = ''
  let ended = false
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void gone.then(() => (ended = true))
  return new Promise((resolve, reject) => {
    void gone.then(() => reject(new Error(`the service ended: ${said.trim()}`)))
    child.stderr.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-10_000)
      const url = /decides at (http:\S+)/.exec(said)?.[1]
      if (url === undefined) return
      resolve({
        url,
        sockets: () => socketsOf(child.pid!),
        lastWords: () => (ended ? said.trim() : undefined),
        async stop() {
          process.removeListener('exit', kill)
          child.kill('SIGTERM')
          await gone
        },
      })
    })
  })
}

function socketsOf(pid: number): number | undefined {
  try {
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).filter((fd) => isSocket(`${folder}/${fd}`)).length
  } catch {
    return undefined
  }
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:')
  } catch {
    return false // closed meanwhile
  }
}

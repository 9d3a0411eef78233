import { spawn } from 'node:child_process'

/**
 * Entry of a child process: runs the command line given to it, tells its parent the process id, hands on what it says, and
 * ends it when the parent lets go or is gone. So a server that knows nothing of parents never outlives a run, however that ends.
 */
const [command, ...args] = process.argv.slice(2)
// a group of its own: the Ctrl-C of a terminal is the parent's to handle
const child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true })
child.once('spawn', () => process.send!(child.pid!))
child.once('error', ({ message }) => {
  console.error(message)
  process.exit(1)
})
child.once('exit', (code) => process.exit(code ?? 1))
const end = () => {
  child.kill()
  setTimeout(() => child.kill('SIGKILL'), 5_000).unref()
}
process.once('disconnect', end)
process.once('SIGTERM', end)
process.on('SIGINT', () => undefined)

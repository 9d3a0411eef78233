import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'

const main = join(import.meta.dirname, 'main.js')
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** The service as a process of its own, with what it wrote so far. */
async function start(...flags: readonly string[]) {
  const planted = 'process.on("SIGUSR2", () => { throw new Error("planted") })'
  const args = ['--import', `data:text/javascript,${encodeURIComponent(planted)}`, main]
  const child = spawn(
    process.execPath,
    [...args, 'serve', '--port', '0', '--threads', '1', '--wait-limit', '0', ...flags],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  children.push(child)
  let log = ''
  child.stderr.on('data', (data: Buffer) => (log += data.toString()))
  const says = async (what: RegExp) => {
    while (!what.test(log)) await once(child.stderr, 'data')
    return what.exec(log)!
  }
  const [, port] = await says(/try: curl http:\/\/127\.0\.0\.1:(\d+)\/readyz/)
  const code = once(child, 'exit').then(([exitCode]) => exitCode as number)
  return { child, port: Number(port), says, code, log: () => log }
}

const post = (length: number) =>
  `POST /v1/decisions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

/** A connection, and all that came back on it. */
async function open(port: number, text: string) {
  const socket: Socket = connect(port, '127.0.0.1')
  let got = ''
  socket.on('data', (data) => (got += data.toString()))
  socket.on('error', () => undefined)
  const ended = once(socket, 'close')
  await once(socket, 'connect')
  socket.write(text)
  return { socket, ended, got: () => got }
}

/** A request under way: it is answered on the same connection as one before it, so that the service surely has got it. */
async function underWay(port: number) {
  const connection = await open(port, `${post(2)}{}${post(2)}{`)
  while (!connection.got().includes('invalid-sign-in')) await once(connection.socket, 'data')
  return connection
}

describe('a stop', { timeout: 30_000 }, () => {
  test.each([['SIGTERM'], ['SIGINT']] as const)(
    'by %s answers what is under way, as the last on its connection, and ends with 0',
    async (signal) => {
      const { child, port, says, code } = await start()
      const { socket, ended, got } = await underWay(port)
      child.kill(signal)
      await says(/finishing what is under way/)
      socket.write('}')
      await ended
      expect(got().match(/HTTP\/1\.1 400 /g)).toHaveLength(2)
      expect(got().slice(got().lastIndexOf('HTTP/1.1'))).toMatch(/^connection: close\r$/im)
      expect(await code).toBe(0)
      await says(/^stopped$/m)
    },
  )

  test('is not what SIGHUP is: it reloads the rules', async () => {
    const { child, port, says, code } = await start()
    child.kill('SIGHUP')
    await says(/nothing to do \(signal\): security-defaults sha256:\w+ decides already/)
    const { socket, ended, got } = await open(port, 'GET /livez HTTP/1.0\r\n\r\n')
    await ended
    expect(got()).toMatch(/ 200 /)
    socket.destroy()
    child.kill('SIGTERM')
    child.kill('SIGHUP') // while it stops, that is nothing
    expect(await code).toBe(0)
  })

  test('by a signal that comes as soon as it decides, is a stop too', async () => {
    for (let time = 0; time < 3; time++) {
      const { child, code, says } = await start('--listeners', '2')
      child.kill('SIGTERM')
      expect(await code).toBe(0)
      await says(/^stopped$/m)
    }
  })

  test('is one stop where the signal comes twice, as of timeout, or a terminal and npm', async () => {
    const { child, port, says, code, log } = await start()
    const { socket, ended, got } = await underWay(port)
    child.kill('SIGTERM')
    child.kill('SIGINT')
    await says(/finishing what is under way/)
    socket.write('}')
    await ended
    expect(got().match(/HTTP\/1\.1 400 /g)).toHaveLength(2)
    expect(await code).toBe(0)
    expect(log()).not.toMatch(/again/)
  })

  test.each([['SIGTERM'], ['SIGINT']] as const)('by a second %s is at once', async (signal) => {
    const { child, port, says, code } = await start('--stop-timeout', '60000')
    await underWay(port)
    child.kill(signal)
    await says(/finishing what is under way/)
    await sleep(600) // sooner it would be the same once more
    child.kill(signal)
    expect(await code).toBe(1)
    await says(/again: stopped at once/)
  })

  test('that cuts requests off says how many, and ends with 1', async () => {
    const { child, port, says, code } = await start('--stop-timeout', '200')
    const connections = [await underWay(port), await underWay(port)]
    child.kill('SIGTERM')
    await Promise.all(connections.map(({ ended }) => ended))
    await says(/stopped; 2 requests cut off/)
    expect(await code).toBe(1)
  })

  test('is not held up by a connection that says nothing, nor by one that asks on and on', async () => {
    const { child, port, says, code } = await start('--stop-timeout', '60000')
    const silent = await open(port, '')
    const half = await open(port, 'POST /v1/dec')
    const eager = await open(port, `${post(2)}{}`)
    eager.socket.on('data', () => eager.socket.write(`${post(2)}{}`))
    while (eager.got().split('HTTP/1.1').length < 100) await once(eager.socket, 'data')
    child.kill('SIGTERM')
    await Promise.all([silent.ended, half.ended, eager.ended])
    expect(await code).toBe(0)
    await says(/^stopped$/m)
  })

  test('comes of an error that nobody caught, and ends with 3', async () => {
    const { child, port, says, code } = await start()
    const { socket, ended, got } = await underWay(port)
    child.kill('SIGUSR2')
    await says(/internal error: Error: planted/)
    socket.write('}')
    await ended
    expect(got().match(/HTTP\/1\.1 400 /g)).toHaveLength(2)
    expect(await code).toBe(3)
  })
})

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { draining } from './drain.ts'

/** More than the sockets of a connection hold between them. */
const large = Buffer.alloc(24 * 1_048_576)

/** A server with a connection that has asked so, and takes no answer until it is told to. */
async function asked(text: string, answer: RequestListener) {
  const server = createServer(answer)
  const { drain } = draining(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  const request = once(server, 'request')
  socket.write(text)
  await request
  let got = 0
  const take = async () => {
    socket.on('data', ({ length }) => (got += length))
    socket.resume()
    await once(socket, 'close')
    return got
  }
  return { server, drain, take }
}
const get = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'

test.each([
  ['an answer that is ended but not taken yet', get, 1],
  ['two of them on a connection', get.repeat(2), 2],
])('a stop sends the whole of %s', async (_, text, answers) => {
  const { drain, take } = await asked(text, (_request, outgoing) => outgoing.end(large))
  const cutOff = drain(60_000)
  await new Promise((resolve) => setTimeout(resolve, 150)) // some sweeps
  expect(await take()).toBeGreaterThan(answers * large.length)
  expect(await cutOff).toBe(0)
})

test('a stop counts an answer that is not taken in time', async () => {
  const { drain, take } = await asked(get, (_, outgoing) => outgoing.end(large))
  expect(await drain(150)).toBe(1)
  expect(await take()).toBeLessThan(large.length)
})

test('a stop closes what is idle at once', async () => {
  const { server, drain, take } = await asked(get, (_, outgoing) => outgoing.end('x'))
  const taken = take()
  expect(await drain(60_000)).toBe(0)
  expect(await taken).toBeGreaterThan(0)
  expect(server.listening).toBe(false)
})

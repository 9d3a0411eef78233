import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect, createServer, type ListenOptions } from 'node:net'
import type { Settings } from '../settings.ts'

/** Where a service listens: a unix socket, or an address and a port. */
type Place = Pick<Settings, 'host' | 'port' | 'socket' | 'socketMode' | 'listeners'>

/** Makes sure that nobody else listens there, where the system would not say so. Rejects with `EADDRINUSE` if somebody does. */
export async function mustBeFree({ host, port, socket, listeners }: Place): Promise<void> {
  if (socket !== undefined) await clearSocket(socket)
  else if (listeners > 1 && port > 0) await mustBeFreePort(host, port)
}

/** Where a port is shared, a second service would get a part of the connections instead of an error. */
const mustBeFreePort = (host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ host, port }, () => probe.close(() => resolve()))
  })

/** A socket that nobody listens on was left behind by a service that ended at once; anything else at its path is none of our business. */
async function clearSocket(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isSocket()) throw taken(`${path} is there already, and no socket`)
  await new Promise<void>((resolve, reject) => {
    const probe = connect(path, () => {
      probe.destroy()
      reject(taken(`${path}: another service listens there`))
    })
    probe.once('error', (error: Error & { readonly code?: string }) => {
      if (error.code === 'ECONNREFUSED') resolve()
      else reject(taken(`${path}: can't be looked at (${error.code ?? error.message})`))
    })
  })
  unlinkSync(path)
}

const taken = (message: string) => Object.assign(new Error(message), { code: 'EADDRINUSE' })

/** Listens; a socket is made with its mode, so that at no time anybody else can connect. */
export async function listen(
  server: Server,
  { host, socket, socketMode, listeners }: Place,
  port: number,
): Promise<void> {
  if (socket === undefined)
    return listening(server, { host, port, ...(listeners > 1 && { reusePort: true }) })
  const mode = Number.parseInt(socketMode, 8)
  const mask = process.umask(0o777 & ~mode)
  const begun = listening(server, { path: socket }) // the file is there when this returns
  process.umask(mask)
  await begun
  chmodSync(socket, mode)
}

const listening = (server: Server, address: ListenOptions) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })

/** As it is told to people, and to those who ask it. */
export function urlOf({ host, socket }: Place, port: number, secure: boolean): string {
  if (socket !== undefined) return `unix:${socket}`
  return `http${secure ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

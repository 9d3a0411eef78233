import { connect } from 'node:net'
import { answerReader, type HttpAnswer } from './response.ts'
import type { Exchange } from './protocol.ts'

/** A kept-alive connection on which one request is under way at a time. */
export type Connection = {
  /** Sends a request; only when none is under way. */
  readonly send: (request: Buffer) => void
  /** Ends it without telling anybody. */
  readonly destroy: () => void
}

export type ConnectionEvents = {
  readonly onOpen: () => void
  readonly onAnswer: (answer: HttpAnswer) => void
  /** It failed or was closed, also by sending what is no HTTP or was not asked for; called once at most. */
  readonly onLost: (why: string) => void
}

export type Address = { readonly host: string; readonly port: number }

export const addressOf = (url: string): Address => {
  const { hostname, port, protocol } = new URL(url)
  if (protocol !== 'http:') throw new Error(`expected an http:// URL, got ${url}`)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) }
}

export function openConnection({ host, port }: Address, events: ConnectionEvents): Connection {
  let asked = false
  let over = false
  const socket = connect({ host, port, noDelay: true, keepAlive: true })
  const lose = (why: string) => {
    if (over) return
    over = true
    socket.destroy()
    events.onLost(why)
  }
  const read = answerReader((answer) => {
    if (over) return
    if (!asked) return lose('an answer that nobody asked for')
    asked = false
    events.onAnswer(answer)
  })
  socket.on('connect', () => over || events.onOpen())
  socket.on('data', (part: Buffer) => {
    if (over) return
    const fault = read(part)
    if (fault !== undefined) lose(fault)
  })
  socket.on('error', (error: Error & { readonly code?: string }) =>
    lose(error.code ?? error.message),
  )
  socket.on('close', () => lose('closed by the service'))
  return {
    send(request) {
      asked = true
      socket.write(request)
    },
    destroy() {
      over = true
      socket.destroy()
    },
  }
}

/** The bytes of a request to a decision point at a URL. */
export function requestBytes({ path, headers, body }: Exchange, url: string): Buffer {
  const content = Buffer.from(body)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const { host, pathname } = new URL(url)
  const head = `POST ${pathname.replace(/\/$/, '')}${path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}content-length: ${content.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), content])
}

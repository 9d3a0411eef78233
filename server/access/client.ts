import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { fingerprintOf } from './tokens.ts'

/** The client at the other end of a connection, by a certificate of the client CA that it has shown the key of. */
export type Client = {
  /** Of the certificate, in hex. */
  readonly sha256: string
  /** When the certificate expires; milliseconds since 1970. */
  readonly expiresMs: number
}

const seen = new WeakMap<Socket, Client | null>()

/** Undefined for who has shown none, or one that another has issued. Looked at once for each connection. */
export function clientOf(socket: Socket): Client | undefined {
  const known = seen.get(socket)
  if (known !== undefined) return known ?? undefined
  const client = look(socket)
  seen.set(socket, client ?? null)
  return client
}

function look(socket: Socket): Client | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = socket.getPeerX509Certificate()
  return (
    certificate && {
      sha256: fingerprintOf(certificate),
      expiresMs: Date.parse(certificate.validTo),
    }
  )
}

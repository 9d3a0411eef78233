import { connect } from 'node:net'
import type { Attack } from './attack.ts'
import type { Exchanged } from './verdict.ts'

/** Longer than any deadline of the service: whoever waits so long was forgotten. */
const patienceMs = 20_000

/** Does to a service what an attack says, and gives what came of it. */
export function exchange({ bytes, behaviour }: Attack, url: string): Promise<Exchanged> {
  const { hostname, port } = new URL(url)
  const { cuts, upTo, isDeaf, then } = behaviour
  const end = Math.round(bytes.length * upTo)
  const places = [...cuts.map((cut) => Math.round(end * cut)), end]
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      allowHalfOpen: true,
      noDelay: true,
    })
    const got: Buffer[] = []
    const done = (ended: boolean) => {
      clearTimeout(patience)
      socket.destroy()
      resolve({ got: Buffer.concat(got), ended })
    }
    const patience = setTimeout(() => done(false), patienceMs)
    socket.on('data', (part: Buffer) => got.push(part))
    socket.on('end', () => socket.end())
    socket.on('error', () => undefined) // closing is one of the right answers
    socket.on('close', () => done(true))
    if (isDeaf) socket.pause()
    socket.on('connect', () => sendFrom(0, 0))

    function sendFrom(start: number, at: number): void {
      if (socket.destroyed) return
      const place = places[at]
      if (place !== undefined) {
        const next = () => setImmediate(sendFrom, place, at + 1)
        if (place > start) socket.write(bytes.subarray(start, place), next)
        else next()
        return
      }
      if (then === 'reset') socket.resetAndDestroy()
      else if (then === 'half-close') socket.end()
      socket.resume()
    }
  })
}

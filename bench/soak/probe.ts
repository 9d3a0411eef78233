import { request } from 'node:http'
import { once } from 'node:events'

/** The revision that a sign-in is decided by, over a connection of its own; undefined where none is told. */
export async function revisionNow(url: string, signIn: string): Promise<string | undefined> {
  const sending = request(`${url}/v1/decisions`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(signIn) },
  })
  sending.end(signIn)
  try {
    const [response] = (await once(sending, 'response')) as [AsyncIterable<Buffer>]
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part)
    const answer = JSON.parse(Buffer.concat(parts).toString()) as {
      readonly ruleSet?: { readonly revision?: string }
    }
    return answer.ruleSet?.revision
  } catch {
    return undefined // turned away, or lost with its thread: the load counts that
  }
}

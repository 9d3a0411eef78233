import type { IncomingMessage } from 'node:http'
import { refusals, type Refusal } from './refusals.ts'

const loopbackAddress = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/
const loopbackName = /^(?:localhost|[\w-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Whether only this machine can connect to an address. */
export const isLoopback = (host: string): boolean => loopbackAddress.test(host)

/**
 * Refuses a name that is not ours: a page whose own name was made to lead to this machine (DNS rebinding) may read what it asks, since
 * its browser takes us for its own site. A request without a Host header comes from no browser.
 */
export function foreignHost(
  { headers }: IncomingMessage,
  names: ReadonlySet<string>,
): Refusal | undefined {
  if (headers.host === undefined) return undefined
  const name = headers.host.replace(/:\d*$/, '').toLowerCase()
  return loopbackName.test(name) || names.has(name) ? undefined : refusals.host
}

/**
 * Refuses what another site has a browser send: there nothing but where it came from tells it from what a person meant to ask. Whoever shows a token
 * needs no such check, since no browser adds one by itself.
 */
export function foreignSite({ headers }: IncomingMessage): Refusal | undefined {
  const site = headers['sec-fetch-site']
  if (site !== undefined)
    return site === 'same-origin' || site === 'none' ? undefined : refusals.crossSite
  const { origin } = headers
  if (
    origin === undefined ||
    origin === `http://${headers.host}` ||
    origin === `https://${headers.host}`
  )
    return undefined
  return refusals.crossSite
}

import { KeyError } from '../../bundle/index.ts'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import {
  flagOf,
  gateOf,
  needsCredentials,
  needsInsecure,
  notOurs,
  readTokens,
  TokensFault,
  type Settings,
} from '../../server/index.ts'
import { listenProblem } from '../listen-problem.ts'
import { plural, type Io } from '../io.ts'
import { lookAtBundle } from './bundle.ts'
import { ok, problem, warning, type Found } from './found.ts'
import type { Machine } from './machine.ts'
import { lookAtPack } from './pack.ts'

export type Context = {
  readonly settings: Settings
  readonly machine: Machine
  readonly io: Io
  /** A server whose clock is right, to compare with. */
  readonly clockUrl: string | undefined
}

/** What a service at work takes, and each further thread, as the README tells under "Size it" and "Under load". */
const megabytes = { service: 190, thread: 40 } as const
/** Beside the connections: standard streams, worker threads, files of rules and logs. */
const otherFiles = 64
/** Tokens, grace periods and sessions are judged by the clock. */
const skewMs = { warning: 2_000, problem: 60_000 } as const

/** Time to renew a certificate. */
const expiresSoonMs = 14 * 86_400_000

/** All that `portcullis doctor` looks at, in the order in which it is shown. */
export const checks: Readonly<Record<string, (context: Context) => Found | Promise<Found>>> = {
  node({ machine: { node, oldestNode } }) {
    return Number.parseInt(node) < Number.parseInt(oldestNode)
      ? problem(`Node.js ${node}`, `install Node.js ${oldestNode} or later`)
      : ok(`Node.js ${node}`)
  },

  rules({ settings, io }) {
    const { pack, bundle } = settings
    if (bundle !== undefined) return ok('those of the bundle')
    try {
      return lookAtPack(pack, 'pack', io, gateOf(settings))
    } catch (error) {
      if (!(error instanceof KeyError)) throw error
      return problem(
        `${flagOf('attestationKey')}: ${error.message}`,
        'give the .pub file that portcullis bundle keygen made',
      )
    }
  },

  bundle: ({ settings, io }) => lookAtBundle(settings, io),

  shadow({ settings: { shadow }, io }) {
    return shadow === undefined ? ok('no candidate') : lookAtPack(shadow, 'shadow', io)
  },

  access({ settings }) {
    const { host, socket } = settings
    if (needsInsecure(settings))
      return problem(
        `${host} is beyond loopback, and callers are not authenticated`,
        `let them show tokens (${flagOf('tokens')}), listen on 127.0.0.1, or say ${flagOf('insecure')} if that is meant`,
      )
    if (settings.tokens !== undefined) {
      try {
        readTokens(settings.tokens)
      } catch (error) {
        if (!(error instanceof TokensFault)) throw error
        return problem(error.message, 'make one with portcullis tokens create')
      }
    }
    if (needsCredentials(settings)) return ok('callers have to show credentials')
    if (socket !== undefined) return ok(`${socket} is for whom its mode lets in`)
    return settings.insecure
      ? warning(
          `${flagOf('insecure')}: whoever reaches ${host}:${settings.port} may ask`,
          'leave it out unless something before the service keeps others away',
        )
      : ok(`${host} is reached from this machine only`)
  },

  /** As it is now: a service that runs takes up other files by itself. */
  tls({ settings: { tlsCert, tlsKey, tlsClientCa }, machine: { now } }) {
    if (tlsCert === undefined || tlsKey === undefined) return ok('not talked')
    const named = `${flagOf('tlsCert')} ${tlsCert}`
    try {
      const leaf = certificateIn(tlsCert)
      if (!leaf.checkPrivateKey(keyIn(tlsKey)))
        return problem(
          `${flagOf('tlsKey')} ${tlsKey} is not the key of ${tlsCert}`,
          'give the key that the certificate was made for; its own certificate comes first in a chain',
        )
      if (tlsClientCa !== undefined) certificateIn(tlsClientCa)
      const [from, until] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()]
      if (now < from)
        return problem(
          `${named} is not valid before ${iso(from)}`,
          'look at the clock, or give another',
        )
      if (now >= until) return problem(`${named} expired at ${iso(until)}`, 'renew it')
      const { mode } = statSync(tlsKey)
      if (process.platform !== 'win32' && (mode & 0o077) !== 0)
        return warning(
          `${tlsKey}: others may read the key (mode ${(mode & 0o777).toString(8)})`,
          'chmod 600, and let the user of the service own it',
        )
      return until - now < expiresSoonMs
        ? warning(
            `${named} expires at ${iso(until)}`,
            'renew it; the service takes it up by itself',
          )
        : ok(`${named}, until ${iso(until)}`)
    } catch (error) {
      return problem(
        (error as Error).message,
        'let the user of the service read the file, and give PEM, a key without a passphrase',
      )
    }
  },

  async port({ settings, machine }) {
    const { host, port, socket } = settings
    if (socket !== undefined) return ok(`none, but ${socket}`)
    const code = await machine.listen(host, port)
    if (code === undefined) return ok(port === 0 ? 'a free one' : `${host}:${port} is free`)
    const [found = code, advice = ''] = (listenProblem(code, settings) ?? '').split('; ')
    return problem(
      found || `${host}:${port}: ${code}`,
      advice || `choose another with ${flagOf('port')}`,
    )
  },

  threads({ settings: { listeners, threads }, machine: { cores } }) {
    const busy = listeners + (threads > 0 ? threads : Math.max(1, cores - 1))
    const found = `${plural(listeners, 'listener')} and ${plural(busy - listeners, 'worker thread')} on ${plural(cores, 'core')}`
    return listeners > cores || busy > 2 * cores
      ? warning(
          found,
          `more than there are cores only cost memory: fewer ${flagOf('listeners')} or ${flagOf('threads')}`,
        )
      : ok(found)
  },

  memory({ settings: { listeners, threads, batchBytesLimit }, machine: { cores, memory } }) {
    const workers = threads > 0 ? threads : Math.max(1, cores - 1)
    const needed =
      megabytes.service +
      (listeners - 1 + workers - 1) * megabytes.thread +
      Math.ceil(batchBytesLimit / 2 ** 20)
    const there = Math.floor(memory / 2 ** 20)
    const found = `${there} MB there, some ${needed} MB needed at most`
    return there < needed
      ? warning(
          found,
          `give it more, or lower ${flagOf('batchBytesLimit')}, ${flagOf('listeners')} or ${flagOf('threads')}`,
        )
      : ok(found)
  },

  openFiles({ settings: { maxConnections, listeners }, machine: { openFiles } }) {
    const needed = maxConnections * listeners + otherFiles
    if (openFiles === undefined) return ok(`${needed} needed at most; the limit can't be told here`)
    const found = `${openFiles} allowed, ${needed} needed at most`
    return openFiles < needed
      ? problem(
          found,
          `raise it (ulimit -n ${needed}, LimitNOFILE=${needed}), or lower ${flagOf('maxConnections')}`,
        )
      : ok(found)
  },

  async files({ settings, machine }) {
    const { decisionLog, shadowLog, state, decisionLogMaxBytes, decisionLogKeep } = settings
    const most = decisionLogMaxBytes * (decisionLogKeep + 1)
    const written = [
      { setting: 'state', path: state, kind: 'folder', needed: 0 },
      { setting: 'shadowLog', path: shadowLog, kind: 'file', needed: most },
      {
        setting: 'decisionLog',
        path: ['none', 'stdout'].includes(decisionLog) ? undefined : decisionLog,
        kind: 'file',
        needed: most,
      },
    ] as const
    const asked = written.flatMap((each) => {
      if (each.path === undefined) return []
      const room = machine.roomAt(each.path, each.kind)
      return [{ ...each, named: `${flagOf(each.setting)} ${each.path}`, room }]
    })
    const shut = asked.find(({ room }) => typeof room === 'string')
    if (shut)
      return problem(
        `${shut.named} can't be written: ${shut.room}`,
        `make its folder, and let the user of the service write there (chown, chmod)`,
      )
    const shared = state === undefined ? undefined : await notOurs(state)
    if (shared !== undefined)
      return problem(
        `${flagOf('state')}: ${shared}`,
        'whoever may write there may say what is gone back to, so serve does not start with it',
      )
    const short = asked.find(({ room, needed }) => Number(room) < needed)
    if (short)
      return warning(
        `${short.named} may come to ${mega(short.needed)}, and ${mega(Number(short.room))} are free`,
        `give it more, or lower ${flagOf('decisionLogMaxBytes')} or ${flagOf('decisionLogKeep')}`,
      )
    return ok(
      asked.length === 0
        ? 'none is written'
        : asked.map(({ named, room }) => `${named}, ${mega(Number(room))} free`).join('; '),
    )
  },

  async clock({ machine: { now, installed, dateFrom }, clockUrl }) {
    const set = 'set the clock, and keep it right by NTP'
    if (now + skewMs.problem < installed)
      return problem(`it is ${iso(now)}, before this program came here (${iso(installed)})`, set)
    if (clockUrl === undefined) return ok(`${iso(now)}; --clock-url compares it with a server's`)
    try {
      const skew = Math.abs(now - (await dateFrom(clockUrl)))
      const found = `${(skew / 1_000).toFixed(0)} s from that of ${clockUrl}`
      return skew > skewMs.problem
        ? problem(found, set)
        : skew > skewMs.warning
          ? warning(found, set)
          : ok(found)
    } catch (error) {
      return warning(`${clockUrl} was not to be asked: ${(error as Error).message}`, 'ask another')
    }
  },

  compileCache: ({ machine: { compileCache } }) =>
    compileCache === undefined
      ? warning(
          'compiled code is kept nowhere',
          'each start takes longer; let HOME, XDG_CACHE_HOME or NODE_COMPILE_CACHE be a folder that can be written',
        )
      : ok(compileCache),

  user: ({ machine: { root } }) =>
    root
      ? warning('it runs as root', 'take a user without rights; the service needs none')
      : ok('not root'),
}

function certificateIn(path: string): X509Certificate {
  const text = readFileSync(path, 'utf8')
  try {
    return new X509Certificate(text)
  } catch {
    throw new Error(`${path}: expected a certificate in PEM`)
  }
}

function keyIn(path: string) {
  const text = readFileSync(path, 'utf8')
  try {
    return createPrivateKey(text)
  } catch {
    throw new Error(`${path}: expected a private key in PEM, without a passphrase`) // what OpenSSL says could show what it read
  }
}

const mega = (bytes: number) => `${Math.floor(bytes / 1e6)} MB`
const iso = (ms: number) => new Date(ms).toISOString()

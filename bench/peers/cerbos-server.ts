import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { moduleBeside } from '../../engine/index.ts'
import { cerbosPolicy } from './cerbos-policy.ts'
import { firstMessage, startChild, stopChild } from '../child.ts'
import { install, type Program } from './install.ts'
import type { Peer, RunningPeer, StartOptions } from './peer.ts'

export const cerbosProgram: Program = {
  name: `@cerbos/cerbos-${process.platform}-${process.arch}`,
  version: '0.55.0',
}

const endpoints = {
  cerbos: {
    name: 'CheckResources',
    note: 'is sent facts that were checked and worked out beforehand; tells outcome and requirements, but no reasons',
  },
  authzen: {
    name: 'AuthZEN',
    note: 'is sent facts that were checked and worked out beforehand; tells only whether the sign-in may go on',
  },
} as const

/** The Cerbos server, by its own endpoint or by the one of AuthZEN. */
export const cerbosServer = (protocol: keyof typeof endpoints): Peer => ({
  name: `Cerbos ${cerbosProgram.version}, ${endpoints[protocol].name}`,
  note: endpoints[protocol].note,
  protocol,
  asks: 'facts',
  start: async ({ pack: { ruleSet } }, options) => {
    const policy = cerbosPolicy(ruleSet)
    return startCerbos(await install(cerbosProgram, options), policy, options)
  },
})

const mostStartMs = 30_000

/**
 * A server with one policy, in a folder that goes when it stops. As it is shipped, but for what would send something out or
 * cost it time that ours does not spend: no telemetry, no watching of files, a log of errors alone.
 */
async function startCerbos(
  program: string,
  policy: object,
  { core, signal }: Pick<StartOptions, 'core' | 'signal'>,
): Promise<RunningPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-cerbos-'))
  const policies = join(folder, 'policies')
  const url = `http://127.0.0.1:${await freePort()}`
  mkdirSync(policies)
  writeFileSync(join(policies, 'policy.json'), JSON.stringify(policy))
  const config = join(folder, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      server: {
        httpListenAddr: url.replace('http://', ''),
        grpcListenAddr: `unix:${join(folder, 'grpc')}`,
      },
      telemetry: { disabled: true },
      storage: { driver: 'disk', disk: { directory: policies, watchForChanges: false } },
    }),
  )
  const child = startChild(
    moduleBeside(import.meta.url, 'leash'),
    [program, 'server', '--config', config, '--log-level', 'error'],
    core,
  )
  const stop = async () => {
    await stopChild(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const pid = (await firstMessage(child, signal)) as number
    const deadline = performance.now() + mostStartMs
    while (!(await isHealthy(url))) {
      signal.throwIfAborted()
      if (child.process.exitCode !== null) throw new Error(`it ended at once: ${child.said()}`)
      if (performance.now() > deadline)
        throw new Error(`it did not answer within ${mostStartMs / 1_000} s: ${child.said()}`)
      await delay(50)
    }
    return { url, pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const isHealthy = (url: string): Promise<boolean> =>
  fetch(`${url}/_cerbos/health`).then(
    ({ ok }) => ok,
    () => false,
  )

/** It can't be told to choose a port itself and say which. */
function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

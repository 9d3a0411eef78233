import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'
import autocannon from 'autocannon'
import type { Pack } from '../engine/index.ts'

export type HttpResult = {
  readonly connections: number
  readonly seconds: number
  readonly requests: number
  readonly perSecond: number
  /** From autocannon's response events, in microseconds: closed loop, so a stalled service is asked less. */
  readonly latencyUs: {
    readonly p50: number
    readonly p99: number
    readonly p999: number
    readonly max: number
  }
  /** CPU time, user and system, per request. */
  readonly serverCpuUs: number
  readonly generatorCpuUs: number
  readonly errors: number
  /** Answers that were not the expected decision. */
  readonly wrong: readonly string[]
}

/** Asks a service of its own, over loopback, with a pack's cases in turn, and checks every answer. */
export async function benchHttp(
  { ruleSet, cases }: Pack,
  { seconds, connections }: { readonly seconds: number; readonly connections: number },
): Promise<HttpResult> {
  const { service, url } = await startService(ruleSet.id)
  try {
    const wrong: string[] = []
    const requests = cases.map(({ name, signIn, expect }) => ({
      method: 'POST' as const,
      path: '/v1/decisions',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(signIn),
      onResponse: (status: number, body: string) => {
        const right =
          status === 200 &&
          body.includes(`"outcome":"${expect.outcome}"`) &&
          body.includes(ruleSet.revision)
        if (!right && wrong.length < 10)
          wrong.push(`${name}: expected ${expect.outcome}, got ${status} ${body.slice(0, 200)}`)
      },
    }))
    await autocannon({ url, connections, duration: 2, requests }) // warm-up

    const latency = createHistogram()
    let answered = 0
    const [serverBefore, ownBefore] = [cpuUs(service.pid!), process.cpuUsage()]
    const run = autocannon({
      url,
      connections,
      duration: seconds,
      requests,
    })
    run.on('response', (_, __, ___, milliseconds) => {
      answered++
      latency.record(Math.max(1, Math.round(milliseconds * 1_000)))
    })
    const { errors, timeouts, non2xx, duration } = await run
    const own = process.cpuUsage(ownBefore)
    const server = cpuUs(service.pid!) - serverBefore
    return {
      connections,
      seconds: duration,
      requests: answered,
      perSecond: answered / duration,
      latencyUs: {
        p50: latency.percentile(50),
        p99: latency.percentile(99),
        p999: latency.percentile(99.9),
        max: latency.max,
      },
      serverCpuUs: server / answered,
      generatorCpuUs: (own.user + own.system) / answered,
      errors: errors + timeouts + non2xx,
      wrong,
    }
  } finally {
    const ended = new Promise((resolve) => service.once('exit', resolve))
    service.kill('SIGTERM')
    await ended
  }
}

/** The service as its users start it, in a process of its own, on a free port. */
function startService(
  pack: string,
): Promise<{ readonly service: ChildProcess; readonly url: string }> {
  const main = new URL('../cli/main.ts', import.meta.url).pathname
  const service = spawn(process.execPath, [main, 'serve', '--port', '0', '--pack', pack], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let said = ''
    service.stderr.on('data', (part: Buffer) => {
      said += part.toString()
      const url = /decides at (http:\S+)/.exec(said)?.[1]
      if (url !== undefined) resolve({ service, url })
    })
    service.once('exit', () => reject(new Error(`the service did not start: ${said}`)))
  })
}

const ticksPerSecond = 100 // USER_HZ of Linux on every architecture that Node.js runs on

/** User and system time of a process so far, from Linux' /proc. */
function cpuUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / ticksPerSecond
}

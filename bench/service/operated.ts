import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, newToken, writeTokens } from '../../server/index.ts'
import type { Server } from './ground.ts'
import { service } from './servers.ts'
import { trial, type TurnTarget } from './turns.ts'

const scrapedEveryMs = 1_000

/** With what an operator switches on: its callers show tokens, each decision is logged to a file, and somebody collects its metrics. */
const operated: Server = {
  name: 'tokens, decision log and metrics',
  pinned: false,
  async start(ground) {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-operated-'))
    const token = newToken()
    const tokens = join(folder, 'tokens.json')
    const sha256 = digestOf(token)
    const entry = { id: 'bench', sha256, scopes: ['decide', 'metrics'], expires: null } as const
    writeTokens(tokens, { tokens: [entry] }, undefined)
    const args = ['--tokens', tokens, '--decision-log', join(folder, 'decisions.ndjson')]
    const headers = { authorization: `Bearer ${token}` }
    try {
      const { target, workload, stop } = await service('', args).start(ground)
      const scraping = setInterval(() => {
        fetch(`${target.url}/metrics`, { headers }).then(
          (answer) => answer.arrayBuffer(),
          () => undefined, // what it lacks is not what is measured
        )
      }, scrapedEveryMs)
      return {
        target: { ...target, headers },
        workload,
        async stop() {
          clearInterval(scraping)
          try {
            await mustBeWritten(target.url, headers)
          } finally {
            await stop()
            rmSync(folder, { recursive: true })
          }
        },
      }
    } catch (error) {
      rmSync(folder, { recursive: true })
      throw error
    }
  },
}

/** A log that leaves entries out would be cheap. */
async function mustBeWritten(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const answer = await fetch(`${url}/metrics`, { headers })
  const text = await answer.text()
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'gm'))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    )
  const [written, missing] = ['written', 'not_written'].map((each) =>
    sum(`portcullis_decision_log_${each}_total`),
  )
  if (missing !== 0 || written === 0)
    throw new Error(`expected every decision in the log, got ${written} written and ${missing} not`)
}

const plain = service('none of them')

const method =
  '64 connections as fast as they are answered, all cores shared with the client, in turns; answers compared with the rules; the log on the disk of the temporary folder, metrics asked for every second; a log that left an entry out fails'
const trials = [trial(operated, 64), trial(plain, 64)]

/** What operating the service may cost. */
export const operatedTargets: readonly TurnTarget[] = [
  {
    name: 'operated-rate',
    what: 'tokens, decision log to a file and metrics, all on vs all off, decisions a second',
    atLeast: 0.85,
    unit: '×',
    method,
    trials,
    figure: ([on, off]) => on!.perSecond / off!.perSecond,
  },
  {
    name: 'operated-cpu',
    what: 'the same, decisions per CPU second of the service',
    atLeast: 0.85,
    unit: '×',
    method: 'the same runs; what else the machine does bears on this least',
    trials,
    figure: ([on, off]) => off!.cpuUs / on!.cpuUs,
  },
  {
    name: 'operated-p99',
    what: 'the same, p99',
    atMost: 1.3,
    unit: '×',
    method,
    trials,
    figure: ([on, off]) => on!.p99Us / off!.p99Us,
  },
]

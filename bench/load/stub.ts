import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../../engine/index.ts'
import type { FromStub, ToStub } from './stub-server.ts'
import type { Workload } from './workload.ts'

/** How a stub that stands in for the service is to behave; times in milliseconds. */
export type Behaviour = {
  readonly name: string
  readonly delayMs: number
  /** One request in `every` takes so long instead. */
  readonly slow?: { readonly every: number; readonly delayMs: number }
  /** One request in so many is never answered. */
  readonly neverEvery?: number
  readonly wrongEvery?: number
  /** The connection is closed instead of an answer. */
  readonly hangUpEvery?: number
  readonly stall?: { readonly everyMs: number; readonly forMs: number }
}

/** What the stub did, as it knows itself; times of day in milliseconds since 1970, with fractions. */
export type StubRecord = {
  /** In the order of its answers; `tookMs` is from when the request came until its answer was sent. */
  readonly answered: readonly { readonly atMs: number; readonly tookMs: number }[]
  /** When the requests came that it never answers. */
  readonly never: readonly number[]
  readonly wrong: number
  readonly hungUp: number
  readonly stalls: readonly { readonly fromMs: number; readonly toMs: number }[]
}

export type Stub = {
  readonly url: string
  readonly pid: number
  /** What it did since it was last asked. */
  readonly record: () => Promise<StubRecord>
  readonly stop: () => Promise<void>
}

const ruleSet = { id: 'stub', revision: 'stub-1' }
const decisionOf = (outcome: 'allow' | 'block') =>
  JSON.stringify({ outcome, requirements: [], reasons: [], advice: [], assumed: [], ruleSet })

/** Of the form of a decision of the service. */
export const stubAnswer = (outcome: 'allow' | 'block'): string =>
  `{"decisionId":"00000000-0000-4000-8000-000000000000","evaluatedAt":"${new Date().toISOString()}",${decisionOf(outcome).slice(1)}`

/** One question, which the stub is to allow. */
export const stubWorkload = (seed: number): Workload => ({
  name: 'stub',
  description: 'one question over and over',
  seed,
  ruleSet,
  questions: [
    {
      name: 'the question',
      form: 'single',
      signIns: ['{"a":"sign-in"}'],
      expected: {
        [ruleSet.revision]: [{ outcome: 'allow', requirements: [], json: decisionOf('allow') }],
      },
    },
  ],
  order: [0],
})

/** Starts a stub in a process of its own, on a free port of 127.0.0.1. */
export async function startStub(behaviour: Behaviour): Promise<Stub> {
  const server = fork(fileURLToPath(moduleBeside(import.meta.url, 'stub-server')), {
    execArgv: [],
    serialization: 'advanced',
  })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const next = () =>
    new Promise<FromStub>((resolve, reject) => {
      server.once('message', (message: FromStub) => resolve(message))
      void ended.then(() => reject(new Error('the stub ended')))
    })
  const ask = (message: ToStub) => {
    const answer = next()
    server.send(message)
    return answer
  }
  const said = await ask({ behaviour })
  if (!('url' in said)) throw new TypeError('the stub did not say where it listens')
  return {
    url: said.url,
    pid: server.pid!,
    async record() {
      const answer = await ask({ record: true })
      if (!('record' in answer)) throw new TypeError('the stub gave no record')
      return answer.record
    },
    async stop() {
      server.kill('SIGKILL')
      await ended
    },
  }
}

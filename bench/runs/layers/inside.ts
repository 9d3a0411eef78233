import {
  answer,
  load,
  pooled,
  type Answer,
  type Decider,
  type Loaded,
  type RuleSet,
} from '../../../engine/index.ts'
import { quantile } from '../../statistics.ts'
import type { Round } from './layer.ts'

/** Ways to decide within a process; `texts` is how many share a message to a worker thread. */
export type Inside =
  | { readonly kind: 'decide' | 'answer' }
  | { readonly kind: 'thread'; readonly texts: number }

/** Asked of the process that decides. */
export type InsideOrder = {
  readonly ruleSet: RuleSet
  readonly inside: Inside
  /** Sign-ins as JSON texts, and the answers that each must get. */
  readonly signIns: readonly { readonly text: string; readonly json: string }[]
}

export type Deciding = {
  readonly round: (seconds: number) => Promise<Round>
  readonly stop: () => Promise<void>
}

/** Times are taken of so many decisions together. */
const together = 64

/** Makes a way to decide ready. Throws where it decides otherwise than was told. */
export async function deciding({ ruleSet, inside, signIns }: InsideOrder): Promise<Deciding> {
  const texts = signIns.map(({ text }) => text)
  const loaded = load(ruleSet)
  const wanted = (at: number) => signIns[at]!.json
  if (inside.kind !== 'thread') {
    for (const [at, text] of texts.entries()) mustEqual(text, wanted(at), answer(loaded, text, 0))
    const pass = inside.kind === 'decide' ? decidePass(loaded) : answerPass(loaded)
    return { round: (seconds) => measured(seconds, texts, pass), stop: () => Promise.resolve() }
  }
  const decider = await pooled(ruleSet, { threads: 1 })
  const answers = await decider.decide(
    texts.map((text) => Buffer.from(text)),
    0,
  )
  for (const [at, text] of texts.entries()) mustEqual(text, wanted(at), answers[at]!)
  return {
    round: (seconds) => measured(seconds, texts, threadPass(decider, inside.texts)),
    stop: () => decider.close(),
  }
}

/** Decides texts between `start`, which it calls when it is ready, and its end; gives the microseconds of each wait in it. */
type Pass = (
  texts: readonly string[],
  start: () => void,
) => readonly number[] | Promise<readonly number[]>

/** Parsing is left out, but done right before, as a service would: strings that were looked up before are found faster. */
const decidePass =
  ({ parse, decide }: Loaded): Pass =>
  (texts, start) => {
    const signIns = texts.map((text) => {
      const parsed = parse(JSON.parse(text), 0)
      if (parsed.faults) throw new TypeError(`expected a sign-in, got ${text}`)
      return parsed.signIn
    })
    start()
    const from = performance.now()
    for (const signIn of signIns) decide(signIn)
    return [((performance.now() - from) * 1_000) / texts.length]
  }

const answerPass =
  (loaded: Loaded): Pass =>
  (texts, start) => {
    start()
    const from = performance.now()
    for (const text of texts) answer(loaded, text, 0)
    return [((performance.now() - from) * 1_000) / texts.length]
  }

const threadPass =
  (decider: Decider, share: number): Pass =>
  async (texts, start) => {
    const times: number[] = []
    const bodies = texts.map((text) => Buffer.from(text))
    start()
    for (let at = 0; at < bodies.length; at += share) {
      const from = performance.now()
      await decider.decide(bodies.slice(at, at + share), 0)
      times.push((performance.now() - from) * 1_000)
    }
    return times
  }

async function measured(seconds: number, texts: readonly string[], pass: Pass): Promise<Round> {
  let [cpuUs, wallMs, decisions] = [0, 0, 0]
  let cpu = process.cpuUsage()
  let from = 0
  const start = () => {
    cpu = process.cpuUsage()
    from = performance.now()
  }
  const times: number[] = []
  const until = performance.now() + seconds * 1_000
  for (let at = 0; performance.now() < until; at = (at + together) % texts.length) {
    const some = texts.slice(at, at + together)
    times.push(...(await pass(some, start)))
    wallMs += performance.now() - from
    const used = process.cpuUsage(cpu)
    cpuUs += used.user + used.system
    decisions += some.length
  }
  return {
    cpuUs: cpuUs / decisions,
    perSecond: decisions / (wallMs / 1_000),
    p50Us: quantile(times, 0.5),
    p99Us: quantile(times, 0.99),
  }
}

function mustEqual(text: string, wanted: string, came: Answer): void {
  const json = 'json' in came ? came.json : JSON.stringify(came.faults)
  if (json !== wanted)
    throw new Error(
      [
        `decides otherwise:`,
        `  the sign-in  ${text}`,
        `  expected     ${wanted}`,
        `  came         ${json}`,
      ].join('\n'),
    )
}

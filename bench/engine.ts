import { compile, interpret, load, type Pack, type SignIn } from '../engine/index.ts'

export type EngineResult = {
  /** Medians over the rounds, in microseconds a decision. */
  readonly parsedUs: number
  readonly compiledUs: number
  readonly interpretedUs: number
  /** json-rules-engine ÷ compiled, median of the ratios of each round. */
  readonly ratio: number
}

const rounds = 9

/**
 * Decides the sign-ins of a pack's cases compiled and by json-rules-engine, in turns within one run. Each round parses them
 * afresh, as a service would: texts that were seen before are cheaper to compare. Answers are compared before anything is
 * timed. json-rules-engine gets an engine for each decision, as our oracle does: overlapping runs on one would skip rules.
 */
export async function benchEngine({ ruleSet, cases }: Pack): Promise<EngineResult> {
  const { parse } = load(ruleSet)
  const decide = compile(ruleSet)
  const texts = cases.map(({ signIn }) => JSON.stringify(signIn))
  const fresh = (): readonly SignIn[] =>
    texts.map((text) => {
      const parsed = parse(JSON.parse(text))
      if (parsed.faults) throw new Error(`a case is no sign-in: ${text}`)
      return parsed.signIn
    })
  for (const signIn of fresh()) {
    const [compiled, interpreted] = [decide(signIn), await interpret(ruleSet, signIn)]
    if (JSON.stringify(compiled) !== JSON.stringify(interpreted))
      throw new Error(`the engines disagree on ${JSON.stringify(signIn)}`)
  }

  const measured: { parsed: number; compiled: number; interpreted: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const copies = 40 // of the cases, so that a round of the fast path takes long enough to be timed
    const start = performance.now()
    const batches = Array.from({ length: copies }, fresh)
    const parsed = performance.now()
    for (const batch of batches) for (const signIn of batch) decide(signIn)
    const compiled = performance.now()
    for (const signIn of batches[0]!) await interpret(ruleSet, signIn)
    const interpreted = performance.now()
    const each = (milliseconds: number, decisions: number) => (milliseconds * 1_000) / decisions
    measured.push({
      parsed: each(parsed - start, copies * texts.length),
      compiled: each(compiled - parsed, copies * texts.length),
      interpreted: each(interpreted - compiled, texts.length),
    })
  }
  return {
    parsedUs: median(measured.map(({ parsed }) => parsed)),
    compiledUs: median(measured.map(({ compiled }) => compiled)),
    interpretedUs: median(measured.map(({ interpreted }) => interpreted)),
    ratio: median(measured.map(({ compiled, interpreted }) => interpreted / compiled)),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import {
  decisionBody,
  factsRead,
  factTable,
  signInParser,
  type RuleSet,
} from '../../engine/index.ts'
import type { Contestant } from '../engine/contestant.ts'

/** What the parent sends first, and gets back. */
export type ServeOrder = { readonly engine: EngineName; readonly ruleSet: RuleSet }
export type ServeReply = { readonly url: string } | { readonly cannot: string }

export type EngineName = keyof typeof engines

/** Looked for only when they are wanted: two of them are dev dependencies. */
const engines = {
  'json-rules-engine': async () =>
    (await import('../engine/contestants/json-rules-engine.ts')).jsonRulesEngine,
  'zen-engine': async () => (await import('../engine/contestants/zen.ts')).zen,
  'cedar-wasm': async () => (await import('../engine/contestants/cedar.ts')).cedar,
} satisfies Record<string, () => Promise<Contestant>>

/**
 * Entry of a child process: another engine behind Hono and Portcullis' own parser of sign-ins, with the same questions and
 * answers as the service, so that what differs is who decides. One process, no worker threads. Ends with its parent.
 */
process.once('disconnect', () => process.exit())
process.on('SIGINT', () => undefined) // a terminal sends it to the whole group; the parent decides
process.once('message', (order: ServeOrder) => {
  serve(order).then(
    (reply) => process.send!(reply),
    (error: Error) => process.send!({ cannot: reasonOf(error) } satisfies ServeReply),
  )
})

async function serve({ engine, ruleSet }: ServeOrder): Promise<ServeReply> {
  const contestant: Contestant = await engines[engine]()
  const prepared = await contestant.prepare(ruleSet)
  const parse = signInParser(
    factTable(ruleSet.customFacts),
    ruleSet.assumptions,
    factsRead(ruleSet),
  )
  const app = new Hono().post('/v1/decisions', async (c) => {
    const now = Date.now()
    const read = parse(JSON.parse(await c.req.text()), now)
    if (read.faults) return c.json({ faults: read.faults }, 422)
    const input = prepared.adapt(read.signIn)
    const decision =
      prepared.answers === 'at once' ? prepared.decide(input) : await prepared.decide(input)
    const json = JSON.stringify(decisionBody(ruleSet, decision, read.assumed, read.envelope))
    return c.body(withId(json, now), 200, { 'content-type': 'application/json' })
  })
  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** As the service puts it in front of a decision's JSON. */
const withId = (json: string, now: number) =>
  `{"decisionId":"${randomUUID()}","evaluatedAt":"${new Date(now).toISOString()}",${json.slice(1)}`

function reasonOf(error: Error): string {
  const isMissing = 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
  return isMissing ? 'it is not installed; npm install --include=dev brings it' : error.message
}

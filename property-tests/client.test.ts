import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createClient,
  isAllowed,
  type Client,
  type ClientError,
  type SignInQuestion,
} from '../client/index.ts'
import { serve, type Running } from '../server/index.ts'
import { packFolder, readPack } from '../rules/index.ts'
import { shippedPacks } from './packs.ts'
import { settingsOf } from './settings.ts'

const { pack } = shippedPacks[0]!
const signInOf = (outcome: string) =>
  pack.cases.find(({ expect }) => expect.outcome === outcome)!.signIn as SignInQuestion
const signIn = signInOf('allow')

describe('a client of a service', () => {
  let running: Running
  let client: Client
  beforeAll(async () => {
    const settings = settingsOf()
    running = await serve(
      pack,
      settings,
      () => undefined,
      readPack(packFolder('security-defaults')!),
    )
    client = createClient({ url: running.url, timeoutMs: 20_000, deadlineMs: 60_000 })
  })
  afterAll(async () => {
    client.close()
    await running.stop()
  })

  test.each(['allow', 'challenge', 'block'])('is told of a decision to %s', async (outcome) => {
    const decision = await client.decide(signInOf(outcome))
    expect(decision.outcome).toBe(outcome)
    expect(isAllowed(decision)).toBe(outcome === 'allow')
    const decided = await client.decideOrBlock(signInOf(outcome))
    expect(decided).toMatchObject({ allowed: outcome === 'allow', decision: { outcome } })
  })

  test('is told of each sign-in of a batch, the wrong ones too', async () => {
    const wrong = { user: { rolls: [] } } as unknown as SignInQuestion
    const items = await client.decideBatch([signIn, wrong, signInOf('block')])
    expect(items.map((item) => ('outcome' in item ? item.outcome : item.type))).toEqual([
      'allow',
      '/problems/invalid-sign-in',
      'block',
    ])
    expect(items.map(isAllowed)).toEqual([true, false, false])
    expect(await client.decideBatch([])).toEqual([])
  })

  test('is told why, and that is no decision', async () => {
    const explanation = await client.explain(signIn)
    expect(explanation.decision.outcome).toBe('allow')
    expect(explanation.rules.length).toBeGreaterThan(10)
    for (const each of [explanation, explanation.decision]) expect(isAllowed(each)).toBe(false)
  })

  test('is told of the rules', async () => {
    const { revision, rules } = await client.ruleSet()
    expect(revision).toBe(pack.ruleSet.revision)
    expect(rules).toHaveLength(pack.ruleSet.rules.length)
  })

  test('is told how the service is, and lets it read its rules anew', async () => {
    const { revision } = pack.ruleSet
    const [status, revisions] = await Promise.all([client.status(), client.revisions()])
    expect(status).toMatchObject({ ruleSet: { revision, by: 'start' } })
    expect(revisions).toMatchObject({
      revisions: [{ revision, isLive: true }],
      history: [{ to: revision }],
    })
    expect(await client.reload()).toMatchObject({ activated: true, changed: false, to: revision })
    expect(await client.activate(revision.slice(0, 20))).toMatchObject({ to: revision })
    await expect(client.rollback()).rejects.toMatchObject({
      status: 409,
      problem: { type: '/problems/nothing-before' },
    })
  })

  test('is told what is wrong with a sign-in, with pointers', async () => {
    const wrong = { ...signIn, user: { type: 'membr', roles: [] } } as unknown as SignInQuestion
    const error = (await client.decide(wrong).catch((each: unknown) => each)) as ClientError
    expect(error).toMatchObject({
      failure: 'problem',
      status: 400,
      attempts: 1,
      problem: { type: '/problems/invalid-sign-in', errors: [{ pointer: '/user/type' }] },
    })
  })

  test('believes one rule set only, if told so', async () => {
    const right = createClient({ url: running.url, revision: pack.ruleSet.revision })
    const wrong = createClient({ url: running.url, revision: `sha256:${'0'.repeat(64)}` })
    expect(isAllowed(await right.decide(signIn))).toBe(true)
    const asked = [wrong.decide(signIn), wrong.decideBatch([signIn]), wrong.explain(signIn)]
    for (const each of await Promise.allSettled<unknown>(asked))
      expect(each).toMatchObject({ status: 'rejected', reason: { failure: 'unexpected' } })
    right.close()
    wrong.close()
  })

  test('gets the correlation id that it sent', async () => {
    const asked = { ...signIn, envelope: { correlationId: 'abc' } }
    expect((await client.decide(asked)).correlationId).toBe('abc')
  })
})

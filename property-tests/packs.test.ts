import fc from 'fast-check'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  atLeastAsStrict,
  compiler,
  differences,
  facts,
  interpret,
  keeps,
  pooled,
  printSignIn,
  schemas,
  type Decider,
  type Decision,
  type DecisionBody,
  type Invariant,
  type Loaded,
  type SignIn,
  verify,
} from '../engine/index.ts'
import { createApp, servicesOf, watchService } from '../server/index.ts'
import { leaveOut, put, signIn, wholeSignInJson, type Json } from './arbitraries.ts'
import { shippedPacks } from './packs.ts'
import { promised } from './promised.ts'
import { settingsOf } from './settings.ts'

const rulesFolder = join(import.meta.dirname, '../rules')

describe.each(shippedPacks)('$name', ({ pack, loaded }) => {
  const { ruleSet, cases } = pack
  let pool: Decider
  beforeAll(async () => {
    pool = await pooled(ruleSet, { threads: 2 })
  })
  afterAll(() => pool.close())
  const metrics = watchService()
  afterAll(() => metrics.close())

  const settings = settingsOf()
  const app = () =>
    createApp(
      servicesOf({
        settings,
        live: () => pack,
        decider: pool,
        metrics,
        clock: () => 0,
      }),
    )

  test('has cases, and every rule decides one of them', () => {
    const decided = new Set(
      cases.flatMap(({ signIn }) => rulesOf(decideJson(loaded, signIn as Json))),
    )
    expect([...decided].sort()).toEqual(ruleSet.rules.map(({ name }) => name))
    expect(cases.length).toBeGreaterThanOrEqual(80)
  })

  test.each(cases)('$name', async ({ signIn, expect: expected }) => {
    const parsed = loaded.parse(signIn)
    if (parsed.faults) throw new Error(JSON.stringify(parsed.faults))
    const compiled = loaded.decide(parsed.signIn)
    expect(differences(expected, compiled)).toEqual([])
    expect(await interpret(ruleSet, parsed.signIn)).toEqual(compiled)

    const [answer] = await pool.decide([Buffer.from(JSON.stringify(signIn))], 0)
    if (answer === undefined || 'faults' in answer) throw new Error(JSON.stringify(answer))
    expect(JSON.parse(answer.json)).toMatchObject(compiled)

    const headers = { 'content-type': 'application/json' }
    const single = await app().request('/v1/decisions', {
      method: 'POST',
      headers,
      body: JSON.stringify(signIn),
    })
    expect(single.status).toBe(200)
    expect(await single.json()).toMatchObject({
      ...compiled,
      ruleSet: { id: ruleSet.id, revision: ruleSet.revision },
    })
    const batch = await app().request('/v1/decisions/batch', {
      method: 'POST',
      headers,
      body: JSON.stringify([signIn, signIn]),
    })
    for (const each of (await batch.json()) as DecisionBody[]) expect(each).toMatchObject(compiled)
  })

  const ways = pack.invariants.flatMap(({ name, title, promise }) =>
    'possible' in promise ? [{ name, title, possible: promise.possible }] : [],
  )
  test.each(ways)('leaves open: $title', ({ name, possible }) => {
    const verdict = verify(pack).verdicts.find(({ invariant }) => invariant.name === name)
    if (verdict?.verdict !== 'proved' || !verdict.example) throw new Error('it is not proved')
    const { example } = verdict
    const parsed = loaded.parse(printSignIn(example.signIn))
    if (parsed.faults) throw new Error(JSON.stringify(parsed.faults))
    expect(loaded.decide(parsed.signIn).outcome).toBe(possible)
  })

  test('promises what is proved of every sign-in', () => {
    const { verdicts } = verify(pack)
    expect(verdicts.length).toBeGreaterThan(10)
    expect(verdicts.filter(({ verdict }) => verdict !== 'proved')).toEqual([])
  })

  const bounds = pack.invariants.filter(({ promise }) => !('possible' in promise))
  test.each(bounds)('promises, and keeps over HTTP: $title', async (invariant) => {
    const applies = conditionOf(invariant, loaded)
    const service = app()
    let met = 0
    const sent = promised(invariant, ruleSet.conditions)
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { minLength: 50, maxLength: 50 }), async (many) => {
        const concerned = many.filter((json) => {
          const parsed = loaded.parse(json)
          return parsed.faults === undefined && applies(parsed.signIn)
        })
        met += concerned.length
        if (concerned.length === 0) return
        const answered = await service.request('/v1/decisions/batch', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(concerned),
        })
        expect(answered.status).toBe(200)
        const decisions = (await answered.json()) as DecisionBody[]
        expect(decisions.length).toBe(concerned.length)
        for (const decision of decisions) expect(keeps(invariant.promise, decision)).toBe(true)
      }),
      { numRuns: 40 },
    )
    expect(met).toBeGreaterThan(0)
  })

  const assumedByPack = new Set(ruleSet.assumptions.map(({ fact }) => fact))
  const optional = Object.entries(facts).flatMap(([fact, { origin }]) =>
    origin.by === 'caller' && origin.absence === 'assumed' && !assumedByPack.has(fact)
      ? [fact]
      : [],
  )

  test('leaving a fact out is never looser than any value it could have had', () => {
    fc.assert(
      fc.property(wholeSignInJson, fc.subarray(optional), (json, left) => {
        const whole = decideJson(loaded, json)
        const without = decideJson(loaded, left.reduce(leaveOut, json))
        expect(atLeastAsStrict(without, whole)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('satisfying a requirement never tightens', () => {
    const satisfied: Readonly<Record<string, (json: Json) => Json>> = {
      mfa: (json) => put(json, 'session.mfa', 'thisSignIn'),
      mfaRegistration: (json) =>
        put(json, 'user.registeredMethods', ['microsoftAuthenticatorPush']),
      reauthentication: (json) => put(json, 'session.issuedAt', null),
    }
    fc.assert(
      fc.property(wholeSignInJson, (json) => {
        const before = decideJson(loaded, json)
        for (const requirement of before.requirements) {
          const after = decideJson(loaded, satisfied[requirement]!(json))
          expect(atLeastAsStrict(before, after)).toBe(true)
          expect(after.requirements as readonly string[]).not.toContain(requirement)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('adding an administrator role never loosens', () => {
    const roles = pack.lists.get('administratorRoles') ?? []
    fc.assert(
      fc.property(wholeSignInJson, fc.constantFrom(...roles), (json, role) => {
        const held = (json['user'] as { roles: string[] }).roles
        const more = decideJson(loaded, put(json, 'user.roles', [...held, role]))
        expect(atLeastAsStrict(more, decideJson(loaded, json))).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('a later time never lengthens the grace period', () => {
    fc.assert(
      fc.property(signIn, fc.nat({ max: 40 * 86_400_000 }), (facts, later) => {
        const json = (at: number) =>
          loaded.parse(put(printSignIn(facts), 'at', new Date(at).toISOString()))
        const [now, then] = [json(facts.at), json(facts.at + later)]
        if (now.faults || then.faults) throw new Error('a printed sign-in is one')
        expect(then.signIn['registration.graceDaysLeft']).toBeLessThanOrEqual(
          now.signIn['registration.graceDaysLeft'],
        )
      }),
    )
  })
})

test('the newer pack is never looser than its base but where it says so', () => {
  const [base, current] = shippedPacks
  fc.assert(
    fc.property(wholeSignInJson, (json) => {
      const parsed = current!.loaded.parse(json)
      if (parsed.faults) throw new Error('a generated sign-in is one')
      const roles = current!.pack.lists.get('directorySynchronizationRoles') ?? []
      const isNew = parsed.signIn['tenant.ageHours'] < 24
      const synchronizes = parsed.signIn['user.roles'].some((role) => roles.includes(role))
      fc.pre(!isNew && !synchronizes)
      expect(
        atLeastAsStrict(decideJson(current!.loaded, json), decideJson(base!.loaded, json)),
      ).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

describe('JSON Schemas', () => {
  const written = schemas()
  test.each(Object.keys(written))('%s is as the tables make it (npm run schemas)', (name) => {
    expect(JSON.parse(readFileSync(join(rulesFolder, name), 'utf8'))).toEqual(written[name])
  })

  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  for (const [name, schema] of Object.entries(written)) ajv.addSchema(schema, name)
  const files = readdirSync(rulesFolder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.includes('/') && path.endsWith('.json'),
  )

  test.each(files)('%s is what its $schema says', (path) => {
    const value = JSON.parse(readFileSync(join(rulesFolder, path), 'utf8')) as { $schema: string }
    const name = value.$schema.split('/').at(-1)!
    expect(value.$schema).toBe(`${'../'.repeat(path.split('/').length - 1)}${name}`)
    ajv.validate(name, value)
    expect(ajv.errors ?? []).toEqual([])
  })

  test('an editor is told of a mistyped fact, operator and value', () => {
    const rule = JSON.parse(
      readFileSync(
        join(rulesFolder, 'security-defaults/rules/block-legacy-authentication.json'),
        'utf8',
      ),
    ) as object
    const withCondition = (condition: object) => ({ ...rule, conditions: { all: [condition] } })
    const right = { fact: 'client.app', operator: 'in', value: ['other'] }
    expect(ajv.validate('rule.schema.json', withCondition(right))).toBe(true)
    for (const wrong of [
      { fact: 'client.ap' },
      { operator: 'inn' },
      { value: ['othr'] },
      { operator: 'lessThan' },
    ])
      expect(ajv.validate('rule.schema.json', withCondition({ ...right, ...wrong }))).toBe(false)
  })

  test('a sign-in that the schema refuses is refused by the parser', () => {
    fc.assert(
      fc.property(
        wholeSignInJson,
        fc.constantFrom(...Object.keys(facts)),
        fc.jsonValue({ maxDepth: 2 }),
        (json, fact, value) => {
          const sent = put(json, fact, value)
          if (!ajv.validate('sign-in.schema.json', sent))
            expect(shippedPacks[0]!.loaded.parse(sent).faults).toBeDefined()
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

function decideJson({ parse, decide }: Loaded, json: Json): Decision {
  const parsed = parse(json)
  if (parsed.faults) throw new Error(JSON.stringify(parsed.faults))
  return decide(parsed.signIn)
}

const rulesOf = ({ reasons, advice }: Decision) => [...reasons, ...advice].map(({ rule }) => rule)

function conditionOf({ when }: Invariant, { ruleSet }: Loaded): (facts: SignIn) => boolean {
  return compiler(ruleSet.conditions)(when)
}

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parsePack, type Pack } from '../../engine/index.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import { attest, generateKey, privateKey, publicKey, subjectOf } from '../../bundle/index.ts'
import type { LogFields } from '../log.ts'
import type { Activation } from './activation.ts'
import { countAttempts } from './reload-families.ts'
import { making, type MakingOptions } from './making.ts'
import make, { type Order } from './make.ts'
import { ruleSets, type Attempt, type RuleSets, type RuleSetsOptions } from './rule-sets.ts'
import { memoryStore } from './store/store.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-rule-sets-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const folder = join(scratch, 'tried')
const file = (path: string) => join(folder, path)
const change = (path: string, how: (text: string) => string) =>
  writeFileSync(file(path), how(readFileSync(file(path), 'utf8')))
/** Changes what is decided, but none of the decisions that cases want. */
const advice = (number: number) =>
  writeFileSync(
    file('rules/advise-someone.json'),
    JSON.stringify({
      name: 'advise-someone',
      title: 'Advises someone whom no case is about',
      control: 'requireMfaForAdministrators',
      source: 'security-defaults#made-up',
      conditions: {
        all: [
          {
            fact: 'resource.appId',
            operator: 'equal',
            value: `0000000${number}-0000-0000-0000-000000000000`,
          },
        ],
      },
      event: { type: 'advise', params: { advice: 'tryThis', code: 'tryThis' } },
    }),
  )

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  cpSync(packFolder('security-defaults')!, folder, { recursive: true })
  change('pack.json', (text) => text.replace('"id": "security-defaults"', '"id": "tried"'))
})

let live: Pack[]
let attempts: Attempt[]
let lines: { readonly line: string; readonly fields?: LogFields }[]
let sets: RuleSets
afterEach(() => sets.close())

async function start(options: Partial<RuleSetsOptions> = {}): Promise<RuleSets> {
  const source = readPack(folder)
  const pack = parsePack(source)
  if (pack.faults) throw new Error('the pack is right')
  ;[live, attempts, lines] = [[], [], []]
  sets = await ruleSets({
    first: { pack, source },
    folder,
    store: memoryStore(3),
    make: async (order) => make(order),
    gate: { proof: 'required', withinMs: 20_000 },
    prepare: async (next) => async () => void live.push(next),
    log: (line, fields) => lines.push({ line, ...(fields && { fields }) }),
    attempted: (attempt) => attempts.push(attempt),
    ...options,
  })
  sets.begin()
  return sets
}

const revisionNow = () => sets.live().ruleSet.revision
const detailOf = (activation: Activation) => (activation.activated ? '' : activation.detail)
const text = () => lines.map(({ line }) => line).join('\n')
const nothing = () => undefined
let modules = 0
/** Made on a thread that runs this. */
const by = (code: string, options: MakingOptions = {}) => {
  const filename = join(scratch, `making-${modules++}.mjs`)
  writeFileSync(filename, `export default ${code}`)
  return { make: making({ filename, ...options }).make }
}

describe('a reload', () => {
  test('lets the pack decide as its files are now, and tells who asked, when and of what before', async () => {
    await start()
    const told: string[] = []
    sets.onLive(({ ruleSet }) => told.push(ruleSet.revision))
    const before = revisionNow()
    advice(1)
    const activation = await sets.reload('signal')
    expect(activation).toMatchObject({ activated: true, changed: true, from: before })
    expect(told).toEqual([revisionNow()])
    expect(live.map(({ ruleSet }) => ruleSet.revision)).toEqual(told)
    expect(sets.since()).toMatchObject({ by: 'signal', from: before, to: revisionNow() })
    expect(sets.lastReload()).toMatchObject({ ok: true, by: 'signal' })
    expect(sets.kept()).toEqual([revisionNow(), before])
  })

  test('of files that decide the same does nothing, and says so', async () => {
    await start()
    change('pack.json', (json) => json.replace(/"title": "[^"]*"/, '"title": "Another title"'))
    expect(await sets.reload('http')).toMatchObject({ activated: true, changed: false })
    expect(live).toEqual([])
    expect(text()).toMatch(/nothing to do \(http\): tried sha256:\w+ decides already/)
    expect(attempts).toHaveLength(1)
  })

  test('that is asked for while another waits gets what comes of that one, and none is passed over', async () => {
    let [made, wait] = [0, Promise.resolve()]
    await start({
      make: async (order: Order) => {
        made++
        await wait
        return make(order)
      },
    })
    let go: () => void = () => undefined
    wait = new Promise((resolve) => (go = resolve))
    const running = sets.reload('http')
    await new Promise(setImmediate)
    advice(2)
    const later = [sets.reload('watch'), sets.reload('signal'), sets.reload('http')]
    go()
    const [first, ...others] = await Promise.all([running, ...later])
    expect(made).toBe(2)
    expect(others).toEqual([others[0], others[0], others[0]])
    expect(first).not.toBe(others[0])
    expect(sets.live().ruleSet.rules.map(({ name }) => name)).toContain('advise-someone')
  })
})

describe('what is refused changes nothing, and is named in the log and by the last reload', () => {
  test.each<[string, () => unknown, RegExp, Partial<RuleSetsOptions>?]>([
    ['a folder that is not there', () => rmSync(folder, { recursive: true }), /no pack ".*tried"/],
    [
      'a file that is half written',
      () => change('cases.json', (json) => json.slice(0, 900)),
      /cases\.json:\d+:\d+: expected JSON/,
    ],
    [
      'a file that is empty',
      () => change('conditions.json', () => ''),
      /conditions\.json:1:1: expected JSON/,
    ],
    ['no pack.json', () => rmSync(file('pack.json')), /pack\.json:1:1: expected a pack/],
    [
      'a fault',
      () => change('conditions.json', (json) => json.replace('"client.app"', '"client.ap"')),
      /conditions\.json:\d+:\d+: .*did you mean "client\.app"/,
    ],
    [
      'a base that is not there',
      () => change('pack.json', (json) => json.replace('{', '{"extends": "nothing",')),
      /pack\.json:1:\d+: /,
    ],
    [
      'a case that fails',
      () => change('cases.json', (json) => json.replaceAll('"adminMfaRequired"', '"anotherCode"')),
      /cases\.json:\d+:\d+: expected the case ".*" to hold/,
    ],
    [
      'an invariant that is broken',
      () =>
        change('invariants.json', (json) =>
          json.replace(/"exactly": "\w+"|"atLeast": "\w+"/, '"exactly": "allow"'),
        ),
      /invariants\.json:\d+:\d+: expected the invariant ".*" to hold for every sign-in, got \w+ for an ordinary sign-in/,
    ],
    ['a thread that dies', nothing, /the pack can't be made ready/, by('() => process.exit(7)')],
    [
      'a thread that dies before it begins',
      nothing,
      /made ready: Error: its thread has ended/,
      by('0; process.exit(7)'),
    ],
    ['a thread that throws', nothing, /planted/, by(`() => { throw new Error('planted') }`)],
    [
      'a thread that hangs',
      nothing,
      /than 500 ms/,
      {
        ...by('() => { for (;;); }', { deadlineMs: 400 }),
        gate: { proof: 'required', withinMs: 100 },
      },
    ],
    [
      'what can not be sent between threads',
      nothing,
      /be made ready/,
      by('() => ({ pack: () => 0 })'),
    ],
    [
      'rules that can not be loaded everywhere',
      () => advice(3),
      /can't be loaded: planted: below/,
      { prepare: () => Promise.reject(new Error('planted', { cause: new Error('below') })) },
    ],
    ['a bug', nothing, /see the log/, { make: () => Promise.reject(new TypeError('planted')) }],
  ])('%s', async (_, damage, wanted, options = {}) => {
    await start(options)
    const before = revisionNow()
    damage()
    const activation = await sets.reload('watch')
    expect(detailOf(activation)).toMatch(wanted)
    expect(revisionNow()).toBe(before)
    expect(live).toEqual([])
    expect(sets.history()).toHaveLength(1)
    expect(sets.lastReload()).toMatchObject({
      ok: false,
      by: 'watch',
      detail: detailOf(activation),
    })
    expect(attempts).toHaveLength(1)
    expect(lines.every(({ fields }) => fields?.level === 'error')).toBe(true)
    expect(text()).toMatch(
      /watch: the rule set does not go live.*; tried sha256:\w+ still decides$/,
    )
  })
})

/** A promise of which no case speaks. */
const promise = (invariant: object) =>
  change('invariants.json', (text) =>
    JSON.stringify({ ...(JSON.parse(text) as object), 'of-no-case': invariant }),
  )
const hours = JSON.stringify({
  'custom.hours': { kind: 'integer', description: 'any number', min: 0, max: 9_999, absence: 0 },
})
const longGrace = { fact: 'tenant.gracePeriodDays', operator: 'equal', value: 301 }
const refuted = { title: 'Long is never', when: { all: [longGrace] }, never: 'allow' }

describe('what is not proved of a candidate', () => {
  test.each<[string, string, object, RegExp, Partial<RuleSetsOptions>?]>([
    [
      'a sign-in breaks it',
      'refuted',
      refuted,
      /allow for an ordinary sign-in but for tenant\.gracePeriodDays 301$/,
    ],
    [
      'it speaks of no sign-in',
      'vacuous',
      {
        title: 'Nothing',
        when: { all: [longGrace, { ...longGrace, value: 302 }] },
        never: 'allow',
      },
      /no sign-in of which it speaks/,
    ],
    [
      'the prover does not know it',
      'unsupported',
      {
        title: 'Compares what is computed',
        when: {
          all: [
            {
              fact: 'tenant.ageHours',
              operator: 'lessThan',
              value: { fact: 'custom.hours' },
            },
          ],
        },
        never: 'allow',
      },
      /does not compare a computed fact/,
    ],
    [
      'the time is over',
      'unknown',
      { ...refuted, never: 'block' },
      /in the time that there was/,
      { gate: { proof: 'required', withinMs: -1 } },
    ],
  ])('keeps it from deciding: %s', async (_, verdict, invariant, wanted, options = {}) => {
    await start(options)
    const before = revisionNow()
    advice(1)
    promise(invariant)
    if (verdict === 'unsupported') writeFileSync(file('facts.json'), hours)
    const activation = await sets.reload('watch')
    expect(activation).toMatchObject({ activated: false, problem: 'rule-set-refused' })
    expect(revisionNow()).toBe(before)
    const open = activation.unproved!.find((each) => each.invariant === 'of-no-case')!
    expect(open).toMatchObject({ verdict, because: expect.stringMatching(wanted) as string })
    expect(sets.lastReload()).toMatchObject({ ok: false, detail: detailOf(activation) })
    expect(sets.lastReload()!.unproved![0]!.verdict).toBe(verdict)
    expect(detailOf(activation)).toMatch(/invariants\.json:\d+:\d+: expected the invariant/)
    const line = lines.find(({ fields }) => fields?.['invariant'] === 'of-no-case')!
    expect(line.fields).toMatchObject({ level: 'error', event: 'invariant not proved', verdict })
    if (verdict === 'refuted')
      expect(line.fields!['witness']).toMatchObject({
        outcome: 'allow',
        deviations: ['tenant.gracePeriodDays'],
        facts: { 'tenant.gracePeriodDays': 301 },
      })
    expect(text()).toMatch(/watch: the rule set does not go live; tried .* still decides$/)
  })

  test('is a warning where it need not be proved, and nothing where it is not to be', async () => {
    await start({ gate: { proof: 'warn', withinMs: 20_000 } })
    advice(1)
    promise(refuted)
    expect(await sets.reload('http')).toMatchObject({
      activated: true,
      unproved: [{ invariant: 'of-no-case', verdict: 'refuted' }],
    })
    expect(sets.lastReload()).toMatchObject({ ok: true, unproved: [{ verdict: 'refuted' }] })
    expect(text()).toMatch(/^warning: .*expected the invariant "of-no-case" to hold/)
    await sets.close()
    advice(2)
    await start({ gate: { proof: 'off', withinMs: 20_000 } })
    advice(3)
    expect(await sets.reload('http')).not.toHaveProperty('unproved')
    expect(text()).not.toContain('of-no-case')
  })

  test('matters of one that decides already too, and of one that is gone back to', async () => {
    await start({ gate: { proof: 'warn', withinMs: 20_000 } })
    advice(1)
    promise(refuted)
    await sets.reload('http')
    expect(await sets.rollback('rollback')).not.toHaveProperty('unproved')
    expect(await sets.rollback('rollback')).toMatchObject({ unproved: [{ verdict: 'refuted' }] })
    await sets.close()
    writeFileSync(file('invariants.json'), '{}')
    await start()
    promise(refuted)
    expect(await sets.reload('http')).toMatchObject({
      activated: false,
      unproved: [{ verdict: 'refuted' }],
    })
  })

  test('is proved once only: what is known to be proved takes no time', async () => {
    const orders: Order[] = []
    await start({
      make: async (order) => {
        orders.push(order)
        // From the second on there is no time to prove anything.
        return make(orders.length > 2 ? { ...order, gate: { ...order.gate, withinMs: -1 } } : order)
      },
    })
    expect(await sets.reload('http')).toMatchObject({ activated: true, changed: false })
    advice(1)
    expect(await sets.reload('http')).toMatchObject({ activated: true, changed: true })
    expect(await sets.rollback('rollback')).toMatchObject({ activated: true, changed: true })
    expect(await sets.rollback('rollback')).toMatchObject({ activated: true, changed: true })
    promise({ ...refuted, never: 'block' })
    const { unproved } = await sets.reload('http')
    expect(new Set(unproved?.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']))
  })
})

describe('where attestations are required', () => {
  const { privatePem, publicPem } = generateKey()
  const [key, pub] = [privateKey(privatePem), publicKey(publicPem)]
  const gate = { proof: 'required', withinMs: 20_000, attestedBy: [pub] } as const
  /** Of the pack as its files are now. */
  const attestNow = () => {
    const pack = parsePack(readPack(folder))
    if (pack.faults) throw new Error('the pack is right')
    const verdicts = Object.fromEntries(pack.invariants.map(({ name }) => [name, 'proved']))
    const issuedAt = new Date().toISOString()
    const statement = { subject: subjectOf(pack), verdicts, issuedAt, expiresAt: null }
    writeFileSync(file('pack.attestation'), attest(statement, [key]))
  }

  test('a rule set decides only with one of its own, on a thread too, and it is kept with it', async () => {
    const maker = making()
    attestNow()
    await start({ gate, make: maker.make })
    const first = revisionNow()
    advice(1)
    const refused = await sets.reload('http')
    expect(refused).toMatchObject({ activated: false, unattested: 'subject' })
    expect(detailOf(refused)).toMatch(
      /the pack is not attested: subject: expected revision sha256:/,
    )
    const families = countAttempts(0)
    families.note(attempts.at(-1)!)
    expect(
      families.families('', '')['portcullis_attestations_refused_total']!.samples,
    ).toContainEqual([1, { reason: 'subject' }])
    attestNow()
    expect(await sets.reload('http')).toMatchObject({ changed: true })
    rmSync(file('pack.attestation'))
    expect(await sets.reload('http')).toMatchObject({ unattested: 'missing' })
    expect(await sets.rollback('rollback')).toMatchObject({ activated: true, to: first })
    await maker.close()
  })
})

describe('a rollback', () => {
  test('goes back to what decided before, and from there forth again', async () => {
    await start()
    const first = revisionNow()
    advice(1)
    await sets.reload('http')
    const second = revisionNow()
    expect(await sets.rollback('rollback')).toMatchObject({ from: second, to: first })
    expect(await sets.rollback('rollback')).toMatchObject({ from: first, to: second })
    expect(revisionNow()).toBe(second)
  })

  test('is refused where nothing else has decided, and says nothing of the rules', async () => {
    await start()
    expect(await sets.rollback('rollback')).toMatchObject({ problem: 'nothing-before' })
    expect(sets.lastReload()).toBeUndefined()
    expect(attempts).toEqual([])
  })
})

describe('an activation', () => {
  test('of a kept revision takes its first digits, and the last so many are kept', async () => {
    await start()
    const seen = [revisionNow()]
    for (const number of [1, 2, 3]) {
      advice(number)
      await sets.reload('http')
      seen.push(revisionNow())
    }
    expect(sets.kept()).toEqual(seen.slice(1).toReversed())
    const [, second] = seen
    const digits = second!.slice('sha256:'.length, 'sha256:'.length + 12)
    expect(await sets.activate({ revision: digits }, 'http')).toMatchObject({ to: second })
    expect(sets.kept()[0]).toBe(second)
    for (const unknown of [seen[0]!, '', 'sha256:', 'abc', '../../etc/passwd', `${second}0`])
      expect(await sets.activate({ revision: unknown }, 'http')).toMatchObject({
        problem: 'unknown-revision',
      })
    expect(revisionNow()).toBe(second)
  })

  test('of texts is tried as any other', async () => {
    await start()
    const source = readPack(folder)
    expect(await sets.activate({ source }, 'bundle')).toMatchObject({ changed: false })
    advice(1)
    expect(await sets.activate({ source: readPack(folder) }, 'bundle')).toMatchObject({
      changed: true,
    })
    const { 'cases.json': _, ...files } = source.files
    const bad = { ...source, files: { ...files, 'cases.json': '[' } }
    expect(await sets.activate({ source: bad }, 'bundle')).toMatchObject({ activated: false })
  })

  test('that waits when the service stops is refused, as are all later ones', async () => {
    let end: () => void = nothing
    await start({
      make: () =>
        new Promise((resolve) => (end = () => resolve({ unchanged: 'this', unproved: [] }))),
    })
    const running = sets.reload('http')
    const waiting = sets.activate({ folder }, 'http')
    await new Promise(setImmediate)
    const closed = sets.close()
    end()
    await closed
    expect(await running).toMatchObject({ activated: true })
    expect(await waiting).toMatchObject({ problem: 'unavailable' })
    expect(await sets.reload('http')).toMatchObject({ problem: 'unavailable' })
  })
})

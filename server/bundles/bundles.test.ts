import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { generateKey, privateKey, publicKey, seal } from '../../bundle/index.ts'
import { parsePack } from '../../engine/index.ts'
import { packOf } from '../../property-tests/packs.ts'
import type { Activation, By, Refused } from '../rule-sets/activation.ts'
import { startBundles, type BundlesOptions } from './bundles.ts'
import { keepIn } from './keep.ts'
import { SourceError, type Source } from './source.ts'

const pair = () => {
  const { privatePem, publicPem } = generateKey()
  return { secret: privateKey(privatePem), pub: publicKey(publicPem) }
}
const [ours, next, strange] = [pair(), pair(), pair()]

/** A bundle of a pack whose one rule has a code of its own. */
function bundle(
  number: number,
  {
    code = `code${number}`,
    pack = 'made',
    keys = [ours],
    expected,
  }: {
    readonly code?: string
    readonly pack?: string
    readonly keys?: readonly (typeof ours)[]
    /** What its case expects, if that is not what it decides. */
    readonly expected?: string
  } = {},
): Buffer {
  const source = packOf(
    {
      'rules/block-other.json': {
        name: 'block-other',
        title: 'Others are blocked',
        control: 'someControl',
        source: 'some-document#other',
        conditions: { all: [{ fact: 'client.app', operator: 'equal', value: 'other' }] },
        event: { type: 'block', params: { code } },
      },
      'cases.json': {
        baseline: {
          at: '2024-06-15T09:00:00Z',
          client: { app: 'other', authenticationFlow: 'none' },
          user: { type: 'member', roles: [] },
          resource: { appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013' },
        },
        cases: [{ name: 'another', expect: { outcome: 'block', codes: [expected ?? code] } }],
      },
    },
    pack,
  )
  const parsed = parsePack(source)
  if (parsed.faults) throw new Error(JSON.stringify(parsed.faults))
  return seal(
    source,
    parsed,
    number,
    keys.map(({ secret }) => secret),
  ).bytes
}

let state: string
let given: () => Buffer | 'unchanged'
let tags: (string | undefined)[]
let lines: string[]
let waits: number[]
let activated: { readonly code: string; readonly by: By }[]
let refusing: Refused | undefined
let stops: (() => Promise<void>)[]
let now: number
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'portcullis-'))
  ;[tags, lines, waits, activated, stops] = [[], [], [], [], []]
  refusing = undefined
  now = Date.UTC(2024, 5, 15)
  given = () => bundle(1)
})
afterEach(async () => {
  for (const stop of stops) await stop()
  chmodSync(join(state), 0o700)
  rmSync(state, { recursive: true })
})

const source: Source = {
  name: 'the source',
  async pull(tag) {
    tags.push(tag)
    const bytes = given()
    return bytes === 'unchanged' ? bytes : { bytes, tag: `"${tags.length}"` }
  },
}
const gone = () => {
  throw new SourceError('unreachable', 'ECONNREFUSED')
}
const text = () => lines.splice(0).join('\n')

/** A service that starts; `poll` lets its time come. */
async function start(options: Partial<BundlesOptions> = {}) {
  let pollNow: () => void = () => undefined
  let waiting: () => void = () => undefined
  let settled = new Promise<void>((resolve) => (waiting = resolve))
  const all = await startBundles({
    source,
    keys: [ours.pub],
    keep: keepIn(state),
    gate: { proof: 'required', withinMs: 20_000 },
    pollMs: 1_000,
    allowRollback: false,
    log: (line) => lines.push(line),
    clock: () => now,
    random: () => 0.5,
    wait: (ms, aborted) =>
      new Promise<void>((resolve) => {
        waits.push(ms)
        pollNow = resolve
        aborted.addEventListener('abort', () => resolve())
        waiting()
      }),
    ...options,
  })
  const codeIn = (text: string) => /"code\\*": \\*"(\w+)\\*"/.exec(text)?.[1] ?? ''
  all.connect(async (candidate, by): Promise<Activation> => {
    if ('problem' in candidate) return { activated: false, ...candidate }
    if (refusing) return { activated: false, ...refusing }
    if (!('bundle' in candidate)) throw new Error('it is no bundle')
    activated.push({ code: codeIn(candidate.bundle.payload.toString()), by })
    return { activated: true, changed: true, from: '', to: '', ms: 0 }
  })
  all.part.started!()
  stops.push(all.part.stop!)
  await settled
  const status = () => all.part.status!()['bundle'] as Record<string, unknown>
  return {
    ...all,
    status,
    first: codeIn(all.source.files['rules/block-other.json']!),
    metric: (name: string, label?: string) =>
      all.part.families!()[`portcullis_bundle_${name}`]!.samples.find(
        ([, labels]) => label === undefined || Object.values(labels ?? {}).includes(label),
      )![0],
    async poll(what: () => Buffer | 'unchanged' = given) {
      given = what
      settled = new Promise<void>((resolve) => (waiting = resolve))
      now += 1_000
      pollNow()
      await settled
    },
  }
}

/** Starts that do not come about, and why. */
const startFails = (message: RegExp, options: Partial<BundlesOptions> = {}) =>
  expect(start(options)).rejects.toThrow(message)

describe('a service that pulls bundles', () => {
  test('starts by the first, lets each newer one decide, and asks by the tag of the last', async () => {
    const service = await start()
    expect(service.first).toBe('code1')
    expect(service.pack.ruleSet.id).toBe('made')
    await service.poll(() => bundle(2))
    expect(activated).toEqual([{ code: 'code2', by: 'bundle' }])
    await service.poll(() => 'unchanged')
    await service.poll(() => bundle(2))
    expect(activated).toHaveLength(1)
    expect(tags).toEqual([undefined, '"1"', '"2"', '"2"'])
    expect(service.status()).toMatchObject({
      source: 'the source',
      pack: 'made',
      number: 2,
      signedBy: [ours.pub.id],
      origin: 'source',
      ok: true,
      isKept: true,
    })
    expect(service.metric('number')).toBe(2)
    expect(service.metric('ok')).toBe(1)
    expect(service.metric('pulls_total', 'activated')).toBe(2)
    expect(service.metric('pulls_total', 'unchanged')).toBe(2)
    expect(service.metric('last_success_timestamp_seconds')).toBe(now / 1_000)
    expect(service.metric('age_seconds')).toBe(2)
    expect(text()).toMatch(
      /^bundle: number 1 .*\nbundle: number 2 \(sha256:\w{64}\), signed by \w{16}$/,
    )
  })

  test('waits longer while the source fails, says so once, and says when it is well', async () => {
    const service = await start()
    text()
    for (let times = 0; times < 3; times++) await service.poll(gone)
    expect(text()).toBe(
      'bundle: the source: unreachable: ECONNREFUSED; number 1 is still the last good one',
    )
    expect(service.status()).toMatchObject({
      ok: false,
      number: 1,
      problem: { reason: 'unreachable', detail: 'ECONNREFUSED', times: 3 },
    })
    expect(service.metric('failures_total', 'unreachable')).toBe(3)
    expect(service.metric('pulls_total', 'failed')).toBe(3)
    expect(service.metric('ok')).toBe(0)
    expect(service.metric('last_success_timestamp_seconds')).toBe(now / 1_000 - 3)
    expect(waits).toEqual([1_000, 1_500, 3_000, 6_000])
    await service.poll(() => 'unchanged')
    expect(text()).toMatch(/well again; pulls that failed before: 3/)
    expect(service.status()).not.toHaveProperty('problem')
    expect(waits.at(-1)).toBe(1_000)
  })

  const flipped = () => {
    const bytes = bundle(2)
    bytes[bytes.length - 20]! ^= 1
    return bytes
  }
  test.each<[string, () => Buffer, string, RegExp]>([
    [
      'unsigned',
      () =>
        Buffer.from(
          bundle(2)
            .toString()
            .replace(/^signature.*\n/m, ''),
        ),
      'signature',
      /got none/,
    ],
    [
      'signed by another key',
      () => bundle(2, { keys: [strange] }),
      'signature',
      /expected a signature of/,
    ],
    ['with a bit flipped', flipped, 'digest', /expected sha256/],
    ['cut off', () => bundle(2).subarray(0, -9), 'digest', /bytes of payload/],
    [
      'with bytes behind',
      () => Buffer.concat([bundle(2), Buffer.from('x')]),
      'digest',
      /bytes of payload/,
    ],
    ['garbage', () => Buffer.from('<html>'), 'format', /begins with/],
    ['older', () => bundle(1, { code: 'a' }), 'number', /expected sha256:\w+ under the number 5/],
    ['of a number that was used', () => bundle(5, { code: 'b' }), 'number', /used twice/],
    [
      'of another pack',
      () => bundle(9, { pack: 'lenient' }),
      'other-pack',
      /expected the pack "made", got "lenient".*--bundle-pack/,
    ],
  ])(
    'refuses one that is %s, and goes on by the last good one',
    async (name, attack, reason, message) => {
      given = () => bundle(5)
      const service = await start()
      text()
      const before = readFileSync(join(state, 'bundle/last-good.bundle'))
      await service.poll(attack)
      expect(activated).toEqual([])
      if (name !== 'older') expect(text()).toMatch(message)
      else expect(text()).toMatch(/expected a number from 5, got 1: it is older.*--allow-rollback/)
      expect(service.status()).toMatchObject({ ok: false, number: 5, problem: { reason } })
      expect(service.metric('failures_total', reason)).toBe(1)
      expect(readFileSync(join(state, 'bundle/last-good.bundle'))).toEqual(before)
      await service.poll(() => bundle(6))
      expect(activated).toEqual([{ code: 'code6', by: 'bundle' }])
    },
  )

  test('takes an older one where that is allowed, and remembers that', async () => {
    given = () => bundle(5)
    const service = await start({ allowRollback: true })
    await service.poll(() => bundle(3))
    expect(activated).toEqual([{ code: 'code3', by: 'bundle' }])
    expect(JSON.parse(readFileSync(join(state, 'bundle/taken.json'), 'utf8'))).toMatchObject({
      number: 3,
    })
  })

  test('neither remembers nor keeps what is signed and yet does not go live', async () => {
    const service = await start()
    text()
    refusing = { problem: 'unavailable', detail: 'a case does not hold' }
    await service.poll(() => bundle(2))
    expect(text()).toMatch(/activation: a case does not hold; number 1 is still/)
    expect(service.status()).toMatchObject({ number: 1, problem: { reason: 'activation' } })
    refusing = undefined
    await service.poll()
    expect(activated).toEqual([{ code: 'code2', by: 'bundle' }])
  })

  test('takes what both keys signed while keys are rotated', async () => {
    given = () => bundle(1, { keys: [ours, next] })
    const service = await start({ keys: [ours.pub, next.pub] })
    await service.poll(() => bundle(2, { keys: [next] }))
    expect(service.status()).toMatchObject({ number: 2, signedBy: [next.pub.id] })
  })

  test('lets an operator reload, and leaves alone what one has activated until there is a newer one', async () => {
    const service = await start()
    await service.poll(() => 'unchanged')
    expect(activated).toEqual([])
    expect(await service.reload('signal')).toMatchObject({ activated: true })
    expect(activated).toEqual([{ code: 'code1', by: 'signal' }])
    given = () => bundle(2)
    expect(await service.reload('http')).toMatchObject({ activated: true })
    expect(activated.at(-1)).toEqual({ code: 'code2', by: 'http' })
    expect(service.status()).toMatchObject({ number: 2 })
    given = gone
    expect(await service.reload('http')).toMatchObject({
      activated: false,
      detail: 'the source: unreachable: ECONNREFUSED',
    })
  })

  test('outlives a bug', async () => {
    const service = await start()
    text()
    await service.poll(() => {
      throw new TypeError('planted')
    })
    expect(text()).toMatch(/internal error: TypeError: planted/)
    await service.poll(() => bundle(2))
    expect(activated).toHaveLength(1)
  })
})

describe('after a restart', () => {
  test('without the source the last good bundle decides, and that is said', async () => {
    given = () => bundle(5)
    await start()
    given = gone
    text()
    const service = await start()
    expect(service.first).toBe('code5')
    expect(text()).toMatch(
      /unreachable: ECONNREFUSED.*\nbundle: starting by number 5 \(sha256:\w{64}\), which was kept/,
    )
    expect(service.status()).toMatchObject({ origin: 'kept', ok: false, isKept: true, number: 5 })
    await service.poll(() => bundle(6))
    expect(service.status()).toMatchObject({ origin: 'source', ok: true, number: 6 })
  })

  test.each<[string, () => Buffer]>([
    ['older', () => bundle(4)],
    ['of another key', () => bundle(6, { keys: [strange] })],
    ['of another pack', () => bundle(6, { pack: 'lenient' })],
    ['signed, and fails its own test', () => bundle(6, { expected: 'else' })],
  ])('a bundle that is %s is not taken, but the last good one', async (_, replay) => {
    given = () => bundle(5)
    await start()
    given = replay
    const service = await start()
    expect(service.first).toBe('code5')
    expect(service.status()).toMatchObject({ origin: 'kept', ok: false, number: 5 })
  })

  test('an older bundle is taken where that is allowed', async () => {
    given = () => bundle(5)
    await start()
    given = () => bundle(4)
    expect((await start({ allowRollback: true })).first).toBe('code4')
    expect((await start()).first).toBe('code4')
  })

  test('another pack is taken when it is named', async () => {
    await start()
    given = () => bundle(1, { pack: 'other' })
    expect((await start({ pack: 'other' })).pack.ruleSet.id).toBe('other')
    expect((await start()).pack.ruleSet.id).toBe('other')
    await startFails(/no bundle to start by.*other-pack.*/, { pack: 'third', keep: undefined })
  })

  const kept = (name: string) => join(state, 'bundle', name)
  const damage = (name: string, at = 30) => {
    const bytes = readFileSync(kept(name))
    bytes[bytes.length - at]! ^= 1
    writeFileSync(kept(name), bytes)
  }
  test('a kept bundle is trusted no more than any other', async () => {
    await start()
    given = gone
    damage('last-good.bundle')
    await startFails(
      /the source: unreachable: ECONNREFUSED; and the kept one fails: digest: expected sha256/,
    )
    rmSync(kept('last-good.bundle'))
    await startFails(/ECONNREFUSED; and none is kept/)
    await startFails(/ECONNREFUSED; and nothing is kept without --state/, { keep: undefined })
  })

  test('a kept bundle of a key that is trusted no more does not decide', async () => {
    await start()
    given = gone
    await startFails(/the kept one fails: signature/, { keys: [next.pub] })
  })

  test('the number is remembered without the bundle, and the bundle without the number', async () => {
    given = () => bundle(5)
    await start()
    const number = readFileSync(kept('taken.json'))
    rmSync(kept('last-good.bundle'))
    given = () => bundle(4)
    await startFails(/expected a number from 5, got 4.*none is kept/)
    given = () => bundle(5)
    await start()
    for (const spoil of [
      () => rmSync(kept('taken.json')),
      () => writeFileSync(kept('taken.json'), '{'),
    ]) {
      spoil()
      given = () => bundle(4)
      expect((await start()).first).toBe('code5')
    }
    rmSync(kept('last-good.bundle'))
    await startFails(/taken\.json: expected pack, number and digest/) // nobody knows what is old any more
    writeFileSync(kept('taken.json'), number)
    await startFails(/expected a number from 5/)
  })

  test('files are for the service alone, and nothing else is left', async () => {
    mkdirSync(join(state, 'bundle'), { mode: 0o700 })
    writeFileSync(kept('.last-good.bundle.cut-off'), 'what a write that was cut off has left')
    await start()
    expect(readdirSync(join(state, 'bundle')).toSorted()).toEqual([
      'last-good.bundle',
      'taken.json',
    ])
    for (const name of ['last-good.bundle', 'taken.json'])
      expect(statSync(kept(name)).mode & 0o777).toBe(0o600)
    expect(statSync(join(state, 'bundle')).mode & 0o777).toBe(0o700)
  })

  test('what others planted is not written through, and what was cut off is cleared away', async () => {
    const victim = join(state, 'victim')
    writeFileSync(victim, 'untouched')
    mkdirSync(join(state, 'bundle'), { mode: 0o700 })
    for (const name of ['taken.json.tmp', 'last-good.bundle.tmp', 'taken.json', '.half'])
      symlinkSync(victim, kept(name))
    await start({ keep: { ...keepIn(state), taken: async () => undefined } })
    expect(readFileSync(victim, 'utf8')).toBe('untouched')
    expect(statSync(kept('taken.json')).isFile()).toBe(true)
    expect(existsSync(kept('.half'))).toBe(false)
  })

  test.each([0o770, 0o777])(
    'a folder of mode %o, which others may write to, is not trusted',
    async (mode) => {
      await start()
      chmodSync(join(state, 'bundle'), mode)
      await startFails(/its owner alone can write to .*bundle.*chmod 700/)
    },
  )
})

test('what can not be kept decides all the same, and is kept as soon as it can be', async () => {
  writeFileSync(join(state, 'bundle'), '') // where a folder should be
  const keep = keepIn(state)
  const service = await start({
    keep: { ...keep, taken: async () => undefined, bytes: async () => undefined },
  })
  expect(text()).toMatch(/warning: bundle: number 1 is not kept: E/)
  expect(service.status()).toMatchObject({ ok: true, isKept: false })
  rmSync(join(state, 'bundle'))
  await service.poll(() => 'unchanged')
  expect(service.status()).toMatchObject({ isKept: true })
  expect(existsSync(join(state, 'bundle/last-good.bundle'))).toBe(true)
})

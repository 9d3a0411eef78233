import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { privateKey, readPrivateKey, seal, writeKeyFiles, generateKey } from '../../bundle/index.ts'
import { parsePack, type PackSource } from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { serve, type Running } from '../serve.ts'
import { readSettings } from '../settings/read.ts'
import { openBundles } from './open-bundles.ts'

const { source: shipped, pack: shippedPack } = shippedPacks.find(
  ({ name }) => name === 'security-defaults',
)!
const whole = JSON.stringify(shippedPack.cases[0]!.signIn)

let scratch: string
let store: Server
let url: string
let object: Buffer
let asked: number
const running: Running[] = []
beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'portcullis-'))
  writeKeyFiles(join(scratch, 'release'))
  asked = 0
  store = createServer((_, response) => {
    asked++
    response.end(object)
  })
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(store.address() as AddressInfo).port}/my.bundle`
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()))
  store.closeAllConnections()
  store.close()
  rmSync(scratch, { recursive: true })
})

/** The shipped pack with an advice of its own, signed. */
function sealed(number: number, key = readPrivateKey(join(scratch, 'release.key'))) {
  const path = 'rules/advise-registration.json'
  const text = shipped.files[path]!.replace(/"title": "/, `"title": "${number}: `)
  const rule = text.replace(/"code": "\w+"/, `"code": "code${number}"`)
  const source: PackSource = {
    ...shipped,
    files: {
      ...shipped.files,
      [path]: rule,
      'cases.json': JSON.stringify({
        ...(JSON.parse(shipped.files['cases.json']!) as object),
        cases: [],
      }),
    },
  }
  const pack = parsePack(source)
  if (pack.faults) throw new Error(JSON.stringify(pack.faults))
  const { bytes } = seal(source, pack, number, [key])
  return { bytes, revision: pack.ruleSet.revision }
}

async function start(
  flags: Readonly<Record<string, string>> = {},
  log: (line: string) => unknown = () => undefined,
): Promise<Running> {
  const settings = settingsOf({
    bundle: url,
    bundleKey: join(scratch, 'release.pub'),
    bundlePoll: '1',
    state: join(scratch, 'state'),
    ...flags,
  })
  const bundles = (await openBundles(settings, {}, log))!
  const each = await serve(bundles.pack, settings, log, bundles.source, { bundles })
  running.push(each)
  return each
}

async function get(
  service: Running,
  path: string,
): Promise<Record<string, Record<string, unknown>>> {
  return (await (
    await fetch(`${service.url}${path}`, { headers: { connection: 'close' } })
  ).json()) as Record<string, Record<string, unknown>>
}
const post = (service: Running, path: string, body: string) =>
  fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })

/** Until it is so; the clock decides nothing but when to look again. */
async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 50))
}

describe('a running service', () => {
  test('decides by the bundle that is published last, on all listeners, and says when it can not', async () => {
    const [one, two] = [sealed(1), sealed(2)]
    object = one.bytes
    const service = await start({ listeners: '2' })
    const decision = await (await post(service, '/v1/decisions', whole)).json()
    expect(decision).toMatchObject({ ruleSet: { revision: one.revision } })

    object = two.bytes
    await until(
      async () => ((await get(service, '/v1/rule-set'))['revision'] as unknown) === two.revision,
    )
    await until(async () => (await get(service, '/readyz'))['bundle']?.['number'] === 2)

    object = sealed(3, privateKey(generateKey().privatePem)).bytes
    await until(async () => (await get(service, '/readyz'))['bundle']?.['ok'] === false)
    for (let time = 0; time < 8; time++)
      expect(await get(service, '/readyz')).toMatchObject({
        status: 'ready',
        ruleSet: { revision: two.revision },
        bundle: { number: 2, ok: false, lastSuccess: expect.stringMatching(/^\d{4}-/) as string },
      })
    expect(await get(service, '/v1/status')).toMatchObject({
      bundle: { source: url, number: 2, ok: false, isKept: true, problem: { reason: 'signature' } },
    })
  })

  test('pulls when it is told to reload, and goes back and forth as any other', async () => {
    const [one, two] = [sealed(1), sealed(2)]
    object = one.bytes
    const service = await start({ bundlePoll: '86400' })
    object = two.bytes
    const reloaded = await post(service, '/v1/rule-set/reload', '{}')
    expect(await reloaded.json()).toMatchObject({ from: one.revision, to: two.revision })
    expect(await (await post(service, '/v1/rule-set/rollback', '{}')).json()).toMatchObject({
      to: one.revision,
    })
    expect(await service.ruleSets.reload('signal')).toMatchObject({ to: two.revision })
    object = one.bytes
    const refused = await post(service, '/v1/rule-set/reload', '{}')
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({
      detail: expect.stringMatching(/number: expected a number from 2, got 1/) as string,
    })
    expect(asked).toBe(4)
  })

  test('says at a start that it is the bundle which decides now, and not what did before', async () => {
    object = sealed(1).bytes
    const { stop } = await start()
    await stop()
    object = sealed(2).bytes
    const lines: string[] = []
    await start({}, (line) => lines.push(line))
    expect(lines.join('\n')).toMatch(
      /warning: sha256:\w+ decided last, .*; what decides now is that of the bundle, sha256:/,
    )
  })

  test('starts by what it kept when the source is gone, and not without', async () => {
    object = sealed(1).bytes
    const { stop } = await start()
    await stop()
    store.closeAllConnections()
    await new Promise((resolve) => store.close(resolve))
    const service = await start()
    expect(await get(service, '/readyz')).toMatchObject({
      bundle: { number: 1, ok: false, lastSuccess: null },
    })
    await expect(start({ state: join(scratch, 'empty') })).rejects.toThrow(
      /no bundle to start by: http:.*ECONNREFUSED.*none is kept/,
    )
  })

  test('writes nothing to a state folder that another service has, and leaves it to others when it does not start', async () => {
    object = sealed(1).bytes
    const first = await start({ bundlePoll: '86400' })
    const kept = () =>
      ['taken.json', 'last-good.bundle'].map((name) =>
        readFileSync(join(scratch, 'state/bundle', name)),
      )
    const before = kept()
    object = sealed(2).bytes
    await expect(start()).rejects.toThrow(/is used by another service/)
    expect(kept()).toEqual(before)
    expect(asked).toBe(1)
    await first.stop()
    object = Buffer.from('none')
    await expect(start({ state: join(scratch, 'another') })).rejects.toThrow(
      /no bundle to start by/,
    )
    object = sealed(2).bytes
    expect(await get(await start({ state: join(scratch, 'another') }), '/readyz')).toMatchObject({
      bundle: { number: 2 },
    })
  })

  test('refuses rules that this version reads as another rule set than the one that was signed', async () => {
    const { bytes } = sealed(1)
    object = bytes
    const service = await start({ bundlePoll: '86400' })
    const source = shippedPack
    const otherwise = {
      ...source,
      ruleSet: { ...source.ruleSet, revision: `sha256:${'0'.repeat(64)}` },
    }
    object = seal(shipped, otherwise, 2, [readPrivateKey(join(scratch, 'release.key'))]).bytes
    const refused = await service.ruleSets.reload('http')
    expect(refused).toMatchObject({
      activated: false,
      detail: expect.stringMatching(
        /decides its rules otherwise than the one that signed it/,
      ) as string,
    })
  })
})

test('what the settings say of bundles has to be right', async () => {
  writeFileSync(join(scratch, 'wrong.pub'), readFileSync(join(scratch, 'release.key')))
  await expect(start({ bundleKey: join(scratch, 'wrong.pub') })).rejects.toThrow(
    /--bundle-key: .*wrong\.pub: expected a public key, got a private one/,
  )
  await expect(start({ bundleKey: join(scratch, 'nowhere.pub') })).rejects.toThrow(
    /--bundle-key: can't read .*ENOENT/,
  )
  await expect(start({ bundle: 'http://me:secret@localhost/' })).rejects.toThrow(
    /--bundle: expected a URL without a user/,
  )
  const faults = (flags: Readonly<Record<string, string>>) => {
    const read = readSettings(flags, {})
    return 'faults' in read ? read.faults.join() : ''
  }
  expect(faults({ bundle: 'x.bundle' })).toMatch(
    /--bundle.*expected a public key to check the bundle with/,
  )
  expect(faults({ bundleKey: 'x.pub' })).toMatch(
    /--bundle-key.*expected a bundle to check with the key/,
  )
  expect(faults({ bundle: 'x.bundle', bundleKey: 'x.pub', watch: 'true' })).toMatch(
    /expected a bundle, which is pulled, or the files of a pack to watch, got both/,
  )
  expect(
    faults({ bundle: 'x.bundle', bundleKey: 'x.pub', pack: 'security-defaults-current' }),
  ).toMatch(/expected a bundle or a pack to decide by, got both/)
})

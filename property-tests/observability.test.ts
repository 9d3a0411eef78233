import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import type { DecisionBody } from '../engine/index.ts'
import { readPrivateKey, seal, writeKeyFiles } from '../bundle/index.ts'
import {
  digestOf,
  newToken,
  openBundles,
  scopes,
  serve,
  writeTokens,
  type Running,
} from '../server/index.ts'
import { parseExposition, type Exposed } from './exposition.ts'
import { shippedPacks } from './packs.ts'
import { settingsOf } from './settings.ts'

const page = readFileSync(join(import.meta.dirname, '../docs/observability.md'), 'utf8')
const [{ pack, source }, { pack: other }] = shippedPacks as [
  (typeof shippedPacks)[0],
  (typeof shippedPacks)[0],
]

const running: Running[] = []
const folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
afterAll(async () => {
  await Promise.all(running.map((each) => each.stop()))
  rmSync(folder, { recursive: true })
})

const token = newToken()
const authorization = `Bearer ${token}`

/** A service with every part that tells of itself, which has decided each case as a single sign-in, all of them as a batch and as a stream. */
async function busy(): Promise<Running & { readonly answers: readonly DecisionBody[] }> {
  const files = join(folder, String(running.length))
  mkdirSync(files)
  const [key, bundle, tokens] = ['release', 'my.bundle', 'tokens'].map((name) => join(files, name))
  writeKeyFiles(key!)
  writeFileSync(bundle!, seal(source, pack, 1, [readPrivateKey(`${key}.key`)]).bytes)
  const entry = { id: 'test', sha256: digestOf(token), scopes, expires: null }
  writeTokens(tokens!, { tokens: [entry] }, undefined)
  const settings = settingsOf({
    decisionLog: join(files, 'log'),
    otlpEndpoint: 'http://127.0.0.1:1',
    traceRatio: '0',
    bundle: bundle!,
    bundleKey: `${key}.pub`,
    tokens: tokens!,
  })
  const bundles = (await openBundles(settings, {}, () => undefined))!
  const service = await serve(bundles.pack, settings, () => undefined, bundles.source, {
    candidate: { pack: other },
    bundles,
  })
  running.push(service)
  const bodies = pack.cases.map(({ signIn }) => JSON.stringify(signIn))
  const ask = async (path: string, type: string, body: string) => {
    const headers = { 'content-type': type, authorization }
    const answer = await fetch(`${service.url}${path}`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    return answer.text()
  }
  const answers: DecisionBody[] = []
  for (const body of bodies)
    answers.push(JSON.parse(await ask('/v1/decisions', 'application/json', body)) as DecisionBody)
  await ask('/v1/decisions/batch', 'application/json', `[${bodies.join(',')}]`)
  await ask('/v1/decisions/batch', 'application/x-ndjson', bodies.join('\n'))
  await vi.waitFor(
    async () => {
      const shown = (await scrape(service)).get('portcullis_shadow_rule_differences_total')!
      expect(shown.series).not.toEqual([])
    },
    { timeout: 30_000 },
  )
  return { ...service, answers }
}

const inWords = (a: string, b: string) => (a < b ? -1 : 1)
const scrape = async ({ url }: Running): Promise<ReadonlyMap<string, Exposed>> =>
  parseExposition(await (await fetch(`${url}/metrics`, { headers: { authorization } })).text())

const labelsOf = ({ series }: Exposed): readonly string[] =>
  [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))]
    .filter((label) => label !== 'le')
    .toSorted(inWords)

test('the page tells of every family, its type and its labels, and of no other', async () => {
  const told = [...(await scrape(await busy()))].map(([name, family]) => [
    name,
    family.type,
    labelsOf(family).join(' '),
  ])
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (counter|gauge|histogram) +\| (.*?) *\|/gm)]
  const described = rows.map(([, name, type, labels]) => [
    name,
    type,
    [...labels!.matchAll(/\w+/g)].flat().toSorted(inWords).join(' '),
  ])
  expect(described.map(String).toSorted(inWords)).toEqual(told.map(String).toSorted(inWords))
})

test('the page tells of every alert, and of no other', () => {
  const alerts = readFileSync(join(import.meta.dirname, '../deploy/prometheus/alerts.yml'), 'utf8')
  const named = (text: string, pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))].toSorted(inWords)
  expect(named(page, /`(Portcullis[A-Z]\w+)`/g)).toEqual(named(alerts, /- alert: (\w+)/g))
})

test('rules, facts, durations and batches count as the cases say, and a swap lets no count go down', async () => {
  const service = await busy()
  const value = (
    families: ReadonlyMap<string, Exposed>,
    name: string,
    labels: Readonly<Record<string, string>> = {},
  ) =>
    families
      .get(name.replace(/_(?:count|sum|bucket)$/, ''))!
      .series.find(
        (each) =>
          each.name === name &&
          Object.entries(labels).every(([label, is]) => each.labels[label] === is),
      )?.value
  const families = await scrape(service)
  const times = 3 // single, in an array, in a stream
  const decided = pack.cases.length
  const named = (
    name: string,
    label: string,
    namesOf: (answer: DecisionBody) => readonly string[],
  ) => {
    const names = Map.groupBy(service.answers.flatMap(namesOf), (each) => each)
    expect(names.size).toBeGreaterThan(5)
    for (const [is, all] of names)
      expect([is, value(families, name, { [label]: is })]).toEqual([is, all.length * times])
  }
  named('portcullis_rule_decisions_total', 'rule', ({ reasons, advice }) =>
    [...reasons, ...advice].map(({ rule }) => rule),
  )
  named('portcullis_assumed_facts_total', 'fact', ({ assumed }) => assumed.map(({ fact }) => fact))
  const durations = 'portcullis_decision_duration_seconds'
  expect(value(families, `${durations}_count`, { kind: 'single' })).toBe(decided)
  expect(value(families, `${durations}_count`, { kind: 'batch' })).toBe(2 * decided)
  expect(value(families, `${durations}_sum`, { kind: 'single' })).toBeGreaterThan(0)
  for (const form of ['array', 'stream']) {
    const batches = 'portcullis_batch_sign_ins'
    expect(value(families, `${batches}_count`, { form })).toBe(1)
    expect(value(families, `${batches}_sum`, { form })).toBe(decided)
    expect(value(families, `${batches}_bucket`, { form, le: '100' })).toBe(0)
    expect(value(families, `${batches}_bucket`, { form, le: '1000' })).toBe(1)
  }
  const { id, revision } = pack.ruleSet
  expect(value(families, 'portcullis_rule_set_info', { id, revision })).toBe(1)

  expect(await service.ruleSets.activate({ folder: other.ruleSet.id }, 'http')).toMatchObject({
    activated: true,
  })
  const after = await scrape(service)
  for (const [name, { type, series }] of families)
    // What is compared with a shadow begins anew with each pair of rule sets.
    if (type === 'counter' && !name.startsWith('portcullis_shadow_'))
      for (const { labels, value: before } of series)
        expect(
          value(after, name, labels),
          `${name} ${JSON.stringify(labels)}`,
        ).toBeGreaterThanOrEqual(before)
  expect(value(after, 'portcullis_rule_set_info', { id, revision })).toBe(undefined)
})

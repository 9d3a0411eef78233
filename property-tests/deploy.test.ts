import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readPrivateKey, seal, writeKeyFiles } from '../bundle/index.ts'
import {
  digestOf,
  newToken,
  openBundles,
  serve,
  writeTokens,
  type Running,
} from '../server/index.ts'
import { parseExposition, type Exposed } from './exposition.ts'
import { shippedPacks } from './packs.ts'
import { settingsOf } from './settings.ts'

const folder = join(import.meta.dirname, '../deploy')
const rulesFile = join(folder, 'prometheus/alerts.yml')
const rules = readFileSync(rulesFile, 'utf8')
const rulesTest = readFileSync(join(folder, 'prometheus/alerts.test.yml'), 'utf8')
const alerts = [...rules.matchAll(/- alert: (\w+)\n +expr: (.*)\n/g)].map(([, name, expr]) => ({
  name: name!,
  expr: expr!,
}))
type Panel = { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }
const dashboard = JSON.parse(readFileSync(join(folder, 'grafana/portcullis.json'), 'utf8')) as {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly query: string }[] }
}
/** As Grafana would send them with one service chosen. */
const asked = (expr: string) =>
  expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$job', 'portcullis')
    .replaceAll('$instance', '.*')
const panelQueries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({ name: title, expr: asked(expr) })),
)
const queries = [...alerts, ...panelQueries]

const bin = process.env['PORTCULLIS_PROMETHEUS'] ?? '/usr/bin'
const hasPrometheus = existsSync(join(bin, 'prometheus')) && existsSync(join(bin, 'promtool'))
if (!hasPrometheus)
  console.warn(
    `skipped: no Prometheus in ${bin} (Debian package prometheus, or PORTCULLIS_PROMETHEUS=FOLDER); queries are looked at, but not run`,
  )
test.runIf(process.env['PORTCULLIS_PROMETHEUS'])(
  'where one is said to be, there is a Prometheus',
  () => {
    expect(hasPrometheus).toBe(true)
  },
)

const made = mkdtempSync(join(tmpdir(), 'portcullis-deploy-'))
type Shipped = (typeof shippedPacks)[0]
let service: Running
let exposed: ReadonlyMap<string, Exposed>
beforeAll(async () => {
  const [{ pack, source }, { pack: other }] = shippedPacks as [Shipped, Shipped]
  const [key, bundle] = [join(made, 'release'), join(made, 'my.bundle')]
  writeKeyFiles(key)
  writeFileSync(bundle, seal(source, pack, 1, [readPrivateKey(`${key}.key`)]).bytes)
  const settings = settingsOf({
    decisionLog: join(made, 'log'),
    otlpEndpoint: 'http://127.0.0.1:1',
    traceRatio: '0',
    bundle,
    bundleKey: `${key}.pub`,
  })
  const bundles = (await openBundles(settings, {}, () => undefined))!
  service = await serve(bundles.pack, settings, () => undefined, bundles.source, {
    candidate: { pack: other },
    bundles,
  })
  const post = (path: string, body: string) =>
    fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    }).then((answer) => answer.text())
  const bodies = pack.cases.map(({ signIn }) => JSON.stringify(signIn))
  for (const body of bodies) await post('/v1/decisions', body)
  await post('/v1/decisions/batch', `[${bodies.join(',')}]`)
  await vi.waitFor(
    async () => {
      exposed = parseExposition(await (await fetch(`${service.url}/metrics`)).text())
      expect(exposed.get('portcullis_shadow_rule_differences_total')!.series).not.toEqual([])
    },
    { timeout: 30_000 },
  )
  exposed = new Map([...(await exposedWithTokens(pack)), ...exposed])
}, 60_000)
/** What a service tells that lets in only who has a token. */
async function exposedWithTokens(pack: Shipped['pack']) {
  const [token, tokens] = [newToken(), join(made, 'tokens.json')]
  const sha256 = digestOf(token)
  const entry = { id: 'prometheus', sha256, scopes: ['metrics'], expires: null } as const
  writeTokens(tokens, { tokens: [entry] }, undefined)
  const { url, stop } = await serve(pack, settingsOf({ tokens }), () => undefined)
  const headers = { authorization: `Bearer ${token}` }
  const text = await (await fetch(`${url}/metrics`, { headers })).text()
  await stop()
  return parseExposition(text)
}
afterAll(async () => {
  await service.stop()
  rmSync(made, { recursive: true })
})

const names = /\b((?:portcullis|process|nodejs)_\w+)\b(?:\{([^}]*)\})?/g
const givenByPrometheus = new Set(['job', 'instance', 'alertname'])

test('every metric and label that a query names is one that a service tells', () => {
  expect(alerts.length).toBe(rules.match(/- alert:/g)!.length)
  expect(queries.length).toBeGreaterThan(50)
  const faults = queries.flatMap(({ name: query, expr }) => {
    const labels = new Set(givenByPrometheus)
    const unknown = [...expr.matchAll(names)].flatMap(([, name, selectors = '']) => {
      const family = exposed.get(name!) ?? exposed.get(name!.replace(/_(?:bucket|sum|count)$/, ''))
      if (family === undefined) return [`${query}: no metric ${name}`]
      const own = new Set(family.series.flatMap((each) => Object.keys(each.labels)))
      for (const label of own) labels.add(label)
      return [...selectors.matchAll(/(\w+)\s*(?:=~|!=|=)\s*"/g)].flatMap(([, label]) =>
        own.has(label!) || givenByPrometheus.has(label!)
          ? []
          : [`${query}: no label ${label} of ${name}`],
      )
    })
    const grouped = [...expr.matchAll(/\b(?:by|on|group_left)\s*\(([^)]*)\)/g)].flatMap(
      ([, list]) => list!.split(',').map((label) => label.trim()),
    )
    return [
      ...unknown,
      ...grouped
        .filter((label) => label !== '' && !labels.has(label))
        .map((label) => `${query}: no label ${label}`),
    ]
  })
  expect(faults).toEqual([])
})

test('every alert says what to do, and its own test makes it fire', () => {
  for (const { name } of alerts) {
    const from = rules.indexOf(`- alert: ${name}\n`)
    const text = rules.slice(from, rules.indexOf('- alert:', from + 1) >>> 0)
    expect(text).toMatch(/severity: (?:critical|warning|info) /)
    expect(text).toMatch(/summary: .{10}/)
    expect(text).toMatch(/runbook: .{30}/)
    expect(rulesTest).toContain(`alertname="${name}"`)
  }
  for (const [, name] of rulesTest.matchAll(/alertname="(\w+)"/g))
    expect(alerts.map((each) => each.name)).toContain(name)
})

describe.skipIf(!hasPrometheus)('with a real Prometheus', { timeout: 120_000 }, () => {
  const promtool = (...args: string[]) =>
    execFileSync(join(bin, 'promtool'), args, {
      cwd: join(folder, 'prometheus'),
      encoding: 'utf8',
      stdio: 'pipe',
    })

  test('rules and configuration are well-formed, and the tests of the rules pass', () => {
    expect(promtool('check', 'rules', 'alerts.yml')).toContain(`${alerts.length} rules found`)
    promtool('check', 'config', 'prometheus.yml')
    expect(promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS')
  })

  test('a service is scraped without a complaint, and every query of dashboard and alerts is answered', async () => {
    const port = await freePort()
    const config = readFileSync(join(folder, 'prometheus/prometheus.yml'), 'utf8')
      .replaceAll('15s', '1s')
      .replace('- alerts.yml', `- ${rulesFile}`)
      .replace('127.0.0.1:8181', new URL(service.url).host)
    writeFileSync(join(made, 'prometheus.yml'), config)
    const prometheus = spawn(join(bin, 'prometheus'), [
      `--config.file=${join(made, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(made, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ])
    const ended = new Promise((resolve) => prometheus.once('exit', resolve))
    const ask = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
      return (await answer.json()) as {
        status: string
        error?: string
        data: { result: unknown[]; activeTargets: { health: string; lastError: string }[] }
      }
    }
    const query = (expr: string) => ask(`query?query=${encodeURIComponent(expr)}`)
    try {
      await vi.waitFor(
        async () =>
          expect((await query('rate(process_cpu_seconds_total[1m])')).data.result).toHaveLength(1),
        { timeout: 60_000, interval: 200 },
      )
      expect((await ask('targets')).data.activeTargets).toMatchObject([
        { health: 'up', lastError: '' },
      ])
      const empty: string[] = []
      for (const { name, expr } of queries) {
        const { status, error, data } = await query(expr)
        expect([name, expr, status, error]).toEqual([name, expr, 'success', undefined])
        if (data.result.length === 0) empty.push(name)
      }
      // What asks whether something is wrong has nothing to say; a panel that is empty would be a query that finds nothing.
      const quiet = new Set([...alerts.map(({ name }) => name), 'Problems', 'Access refused'])
      expect(empty.filter((name) => !quiet.has(name))).toEqual([])
      await vi.waitFor(
        async () => {
          const { data } = (await ask('rules')) as unknown as {
            data: { groups: { rules: { name: string; health: string }[] }[] }
          }
          expect(data.groups[0]!.rules).toEqual(
            alerts.map(({ name }) => expect.objectContaining({ name, health: 'ok' }) as unknown),
          )
        },
        { timeout: 60_000, interval: 500 },
      )
    } finally {
      prometheus.kill()
      await ended
    }
  })
})

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

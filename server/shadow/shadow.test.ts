import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import {
  answer,
  enforced,
  load,
  type DecisionBody,
  type Pack,
  type RuleSet,
} from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import { serve, type Beside, type Running } from '../serve.ts'

const [live, candidate] = shippedPacks.map(({ pack }) => pack) as [Pack, Pack]
const signIns = [...live.cases, ...candidate.cases].map(({ signIn }) => JSON.stringify(signIn))

const textsOf = ({ ruleSet }: Pack) => readPack(packFolder(ruleSet.id)!)
const inShadow = { candidate: { pack: candidate, source: textsOf(candidate) } }

const running: Running[] = []
const logged: string[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()))
})

async function start(
  pack: Pack,
  beside: Beside = {},
  flags: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const settings = settingsOf({ listeners: '2', ...flags })
  logged.length = 0
  const log = (line: string) => logged.push(line)
  const each = await serve(pack, settings, log, textsOf(live), beside)
  running.push(each)
  return each
}

const faulty = {
  filename: new URL('./faulty-thread.ts', import.meta.url).href,
  pingEveryMs: 200,
}

/** On a connection of its own, so that any listener may get it. */
const ask = (url: string, body: string, path = '/v1/decisions', type = 'application/json') =>
  new Promise<string>((resolve, reject) => {
    const asked = request(`${url}${path}`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) },
    })
    asked.on('error', reject)
    asked.on('response', (answered) => {
      let text = ''
      answered.on('data', (part: Buffer) => (text += part.toString()))
      answered.on('end', () => resolve(text))
    })
    asked.end(body)
  })

type Seen = {
  readonly compared: number
  readonly differing: number
  readonly outcomes: readonly { from: string; to: string; count: number }[]
  readonly rules: readonly Record<'rule' | 'change' | 'from' | 'to' | 'count', string | number>[]
  readonly examples: readonly Record<string, unknown>[]
}
type View = {
  readonly live: { readonly revision: string }
  readonly since: string | null
  readonly candidate: (Seen & { readonly revision: string }) | null
  readonly reportRules: (Seen & { readonly names: readonly string[] }) | null
  readonly skipped: Record<'full' | 'lost' | 'otherRevision', number>
  readonly notLogged: number
  readonly errors: number
  readonly restarts: number
}
const view = async (url: string) => (await (await fetch(`${url}/v1/shadow`)).json()) as View

const soon = { timeout: 30_000, interval: 20 }
/** What the shadow tells once it has dealt with so many decisions. */
const settled = (url: string, decisions: number) =>
  vi.waitFor(async () => {
    const seen = await view(url)
    const { full, lost, otherRevision } = seen.skipped
    const compared = (seen.candidate ?? seen.reportRules)?.compared ?? 0
    expect(compared + full + lost + otherRevision + seen.errors).toBe(decisions)
    return seen
  }, soon)

/** Asks each sign-in alone, and all of them as a batch and as a stream; resolves to the answers, one a sign-in asked. */
async function askAll(url: string): Promise<readonly string[]> {
  const single: string[] = []
  for (const signIn of signIns) single.push(await ask(url, signIn))
  const batch = await ask(url, `[${signIns.join()}]`, '/v1/decisions/batch')
  const lines = await ask(url, signIns.join('\n'), '/v1/decisions/batch', 'application/x-ndjson')
  const members = (JSON.parse(batch) as object[]).map((each) => JSON.stringify(each))
  return [...single, ...members, ...lines.trim().split('\n')]
}

/** All of an answer but its id, its time and its place. */
const decided = (text: string) => text.slice(text.indexOf('"outcome"'))
const bodyOf = (text: string) =>
  JSON.parse(text) as DecisionBody & { evaluatedAt: string; decisionId: string; index?: number }

/** What an offline comparison of the answers with another rule set counts. */
function expected(answers: readonly string[], other: RuleSet) {
  const loaded = load(other)
  const outcomes = new Map<string, number>()
  const rules = new Map<string, number>()
  let differing = 0
  const add = (counts: Map<string, number>, key: string) =>
    counts.set(key, (counts.get(key) ?? 0) + 1)
  answers.forEach((text, index) => {
    const told = bodyOf(text)
    const now = Date.parse(told.evaluatedAt)
    const would = answer(loaded, signIns[index % signIns.length]!, now)
    const to = 'faults' in would ? 'refused' : would.outcome
    const then = 'faults' in would ? undefined : (JSON.parse(would.json) as DecisionBody)
    const said = (of: DecisionBody) => [of.outcome, of.requirements, of.reasons, of.advice]
    if (then && JSON.stringify(said(then)) === JSON.stringify(said(told))) return
    differing++
    add(outcomes, `${told.outcome} ${to}`)
    if (then === undefined) return
    const names = (of: DecisionBody) => [...of.reasons, ...of.advice].map(({ rule }) => rule)
    for (const rule of names(then))
      if (!names(told).includes(rule)) add(rules, `${rule} added ${told.outcome} ${to}`)
    for (const rule of names(told))
      if (!names(then).includes(rule)) add(rules, `${rule} removed ${told.outcome} ${to}`)
  })
  return { compared: answers.length, differing, outcomes, rules }
}

const counted = ({ compared, differing, outcomes, rules }: Seen) => ({
  compared,
  differing,
  outcomes: new Map(outcomes.map(({ from, to, count }) => [`${from} ${to}`, count])),
  rules: new Map(
    rules.map(({ rule, change, from, to, count }) => [[rule, change, from, to].join(' '), count]),
  ),
})

const names = ['block-legacy-authentication', 'risk-needs-mfa']

/** The pack with some of its rules only reporting. */
const reporting = (pack: Pack, names: readonly string[]): Pack => {
  const { rules } = pack.ruleSet
  const ruleSet = {
    ...pack.ruleSet,
    rules: rules.filter(({ name }) => !names.includes(name)),
    reportRules: rules.filter(({ name }) => names.includes(name)),
    revision: `sha256:${'5'.repeat(64)}`,
  }
  return { ...pack, ruleSet }
}

describe('a candidate in the shadow', () => {
  test('is counted as an offline comparison counts it, over every case, alone and in batches', async () => {
    const { url } = await start(live, inShadow)
    const answers = await askAll(url)
    const seen = await settled(url, answers.length)
    const wanted = expected(answers, candidate.ruleSet)
    expect(wanted.differing).toBeGreaterThan(50)
    expect(counted(seen.candidate!)).toEqual(wanted)
    expect(seen).toMatchObject({
      live: { revision: live.ruleSet.revision },
      candidate: { revision: candidate.ruleSet.revision },
      skipped: { full: 0, lost: 0, otherRevision: 0 },
      errors: 0,
      reportRules: null,
    })
  })

  test('changes no byte of an answer but its id and its time', async () => {
    const plain = await askAll((await start(live)).url)
    const shadowed = await askAll((await start(live, inShadow)).url)
    expect(shadowed.map(decided)).toEqual(plain.map(decided))
  })

  test('shows some of the last differences with the facts behind them, and nobody in them', async () => {
    const { url } = await start(live, inShadow)
    const envelope = { userId: 'somebody', ipAddress: '203.0.113.7', correlationId: 'theirs' }
    for (const signIn of signIns)
      await ask(url, JSON.stringify({ ...(JSON.parse(signIn) as object), envelope }))
    await settled(url, signIns.length)
    await vi.waitFor(async () => {
      const { candidate: seen } = await view(url)
      expect(seen!.examples.length).toBeGreaterThan(2)
      expect(seen!.examples.length).toBeLessThan(40)
      for (const example of seen!.examples)
        expect(example).toMatchObject({
          decisionId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
          live: { outcome: example['from'] },
          candidate: { outcome: example['to'] },
        })
      const text = JSON.stringify(seen)
      for (const identity of Object.values(envelope)) expect(text).not.toContain(identity)
      const flow = seen!.examples.find((each) =>
        JSON.stringify(each['rules']).includes('block-device-code-flow'),
      )
      expect(flow).toMatchObject({ facts: { 'client.authenticationFlow': 'deviceCode' } })
      expect(Object.keys(flow!['facts'] as object).length).toBeLessThan(20)
    }, soon)
  })

  test('that refuses a sign-in is told from one that decides it otherwise', async () => {
    const country = { fact: 'location.country', operator: 'in', value: ['KP'] }
    const [first] = candidate.ruleSet.rules
    const rule = { ...first!, name: 'country', conditions: { all: [country] } }
    const ruleSet = { ...live.ruleSet, id: 'countries', rules: [...live.ruleSet.rules, rule] }
    const { url } = await start(live, { candidate: { pack: { ...live, ruleSet } } })
    const { location: _, ...nowhere } = JSON.parse(signIns[0]!) as { location: object }
    await ask(url, JSON.stringify(nowhere))
    await ask(url, signIns[0]!)
    const seen = await settled(url, 2)
    expect(seen.candidate).toMatchObject({ compared: 2, differing: 1 })
    expect(seen.candidate!.outcomes).toEqual([{ from: 'challenge', to: 'refused', count: 1 }])
    await vi.waitFor(async () => {
      const [example] = (await view(url)).candidate!.examples
      expect(example!['candidate']).toMatchObject({ refused: [{ pointer: '/location/country' }] })
    }, soon)
  })

  test('is compared with what is live by now, and its counts begin anew', async () => {
    const other = reporting(live, names)
    const ruleSet = { ...other.ruleSet, reportRules: [] }
    const { url, ruleSets } = await start(live, { candidate: { pack: { ...live, ruleSet } } })
    const first = await askAll(url)
    const before = await settled(url, first.length)
    expect(counted(before.candidate!)).toEqual(expected(first, ruleSet))
    await ruleSets.activate({ folder: 'security-defaults-current' }, 'http')
    const answers = await askAll(url)
    const seen = await settled(url, answers.length)
    expect(seen.live.revision).toBe(candidate.ruleSet.revision)
    // Those that came before the thread knew are the first.
    const { otherRevision } = seen.skipped
    expect(seen.candidate!.compared).toBe(answers.length - otherRevision)
    if (otherRevision === 0) expect(counted(seen.candidate!)).toEqual(expected(answers, ruleSet))
    expect(logged).toContainEqual(expect.stringMatching(/the shadow compares .* from now on/))
  })
})

describe('the shadow log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-shadow-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  type Line = {
    readonly by: string
    readonly signIn: { readonly envelope?: object; readonly user: object }
    readonly decision: DecisionBody & { readonly decisionId: string; readonly evaluatedAt: string }
    readonly candidate: DecisionBody
    readonly masked?: readonly string[]
  }
  const linesOf = (name: string): readonly Line[] =>
    readdirSync(folder)
      .filter((each) => each.startsWith(name))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .flatMap((each) => readFileSync(join(folder, each), 'utf8').trim().split('\n'))
      .map((line) => JSON.parse(line) as Line)

  test('has each difference once, with both decisions and what was asked, over rotations', async () => {
    const path = join(folder, 'all.ndjson')
    const { url, stop } = await start(live, inShadow, {
      shadowLog: path,
      decisionLogMaxBytes: '20000',
      decisionLogKeep: '50',
    })
    const answers = await askAll(url)
    const { candidate: seen } = await settled(url, answers.length)
    await stop()
    const lines = linesOf('all.ndjson')
    expect(readdirSync(folder).length).toBeGreaterThan(2)
    expect(lines.length).toBe(seen!.differing)
    const told = new Map(answers.map((text) => [bodyOf(text).decisionId, text]))
    expect(new Set(lines.map(({ decision }) => decision.decisionId)).size).toBe(lines.length)
    const loaded = load(candidate.ruleSet)
    for (const { by, signIn, decision, candidate: would } of lines) {
      expect(by).toBe('candidate')
      const { index: _, ...answered } = bodyOf(told.get(decision.decisionId)!)
      expect(decision).toEqual(answered)
      expect(signIns).toContain(JSON.stringify(signIn))
      const other = answer(loaded, JSON.stringify(signIn), Date.parse(decision.evaluatedAt))
      expect(would).toEqual('json' in other && JSON.parse(other.json))
    }
  })

  test('leaves out what is masked, and so do examples', async () => {
    const path = join(folder, 'masked.ndjson')
    const { url, stop } = await start(live, inShadow, {
      shadowLog: path,
      decisionLogMask: '/envelope,/user/roles',
    })
    const envelope = { userId: 'somebody', correlationId: 'theirs' }
    for (const signIn of signIns)
      await ask(url, JSON.stringify({ ...(JSON.parse(signIn) as object), envelope }))
    await settled(url, signIns.length)
    await vi.waitFor(async () => {
      const { examples } = (await view(url)).candidate!
      expect(examples.length).toBeGreaterThan(2)
      expect(JSON.stringify(examples.map(({ facts }) => facts))).not.toContain('user.roles')
    }, soon)
    await stop()
    const lines = linesOf('masked.ndjson')
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.every(({ masked }) => masked?.includes('/envelope'))).toBe(true)
    expect(lines.some(({ signIn }) => 'roles' in signIn.user)).toBe(false)
    const text = readFileSync(path, 'utf8')
    for (const identity of Object.values(envelope)) expect(text).not.toContain(identity)
  })

  test.skipIf(!existsSync('/dev/full'))(
    'that can not be written loses lines, which are counted, and no answer',
    async () => {
      const { url } = await start(live, inShadow, { shadowLog: '/dev/full' })
      const answers = await askAll(url)
      await vi.waitFor(async () => {
        const { candidate: seen, notLogged } = await view(url)
        expect(seen!.compared).toBe(answers.length)
        expect(notLogged).toBe(seen!.differing)
      }, soon)
      expect(logged).toContainEqual(
        expect.stringMatching(/the shadow log can't be written: ENOSPC/),
      )
    },
  )

  test('that can not be opened keeps the service from starting', async () => {
    const path = join(folder, 'nowhere', 'log.ndjson')
    await expect(start(live, inShadow, { shadowLog: path })).rejects.toThrow(
      /the shadow log can't be written: ENOENT/,
    )
  })
})

describe('promoting', () => {
  const promote = async (url: string, body?: object) => {
    const answered = await fetch(`${url}/v1/shadow/promote`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    return [answered.status, await answered.json()] as const
  }
  const { revision } = candidate.ruleSet

  test.each([
    ['by its revision', { revision }],
    ['without a name', undefined],
  ])('lets the candidate decide everywhere, %s, and ends the shadow', async (_, body) => {
    const { url } = await start(live, inShadow)
    expect(await promote(url, body)).toMatchObject([
      200,
      { activated: true, from: live.ruleSet.revision, to: revision },
    ])
    for (let each = 0; each < 8; each++)
      expect(bodyOf(await ask(url, signIns[0]!)).ruleSet.revision).toBe(revision)
    expect(await view(url)).toMatchObject({
      live: { revision },
      since: null,
      candidate: null,
      reportRules: null,
    })
    expect(await promote(url)).toMatchObject([409, { type: '/problems/not-the-candidate' }])
  })

  test('refuses to let another decide than the one that is meant', async () => {
    const { url } = await start(live, inShadow)
    for (const other of [live.ruleSet.revision, revision.slice(0, 19), ''])
      expect(await promote(url, { revision: other })).toMatchObject([
        409,
        {
          type: '/problems/not-the-candidate',
          detail: `the candidate is ${revision}, not ${other}`,
        },
      ])
    expect(await promote(url, { revison: revision })).toMatchObject([400, {}])
    expect(await promote(url, { revision: 7 })).toMatchObject([400, {}])
    expect(await view(url)).toMatchObject({ live: { revision: live.ruleSet.revision } })
    expect((await view(url)).candidate).toMatchObject({ revision })
  })

  test('of a candidate that fails its own cases changes nothing', async () => {
    const texts = textsOf(candidate)
    const files = {
      ...texts.files,
      'cases.json': texts.files['cases.json']!.replaceAll(
        '"block"',
        '"challenge", "requirements": ["mfa"]',
      ),
    }
    const { url } = await start(live, {
      candidate: { pack: candidate, source: { ...texts, files } },
    })
    expect(await promote(url)).toMatchObject([422, { type: '/problems/rule-set-refused' }])
    expect(bodyOf(await ask(url, signIns[0]!)).ruleSet.revision).toBe(live.ruleSet.revision)
    expect((await view(url)).candidate).toMatchObject({ revision })
  })
})

describe('a rule that only reports', () => {
  test('is counted wherever it applies, with what would have become of the decision', async () => {
    const pack = reporting(live, names)
    const { url } = await start(pack)
    const answers = await askAll(url)
    const { reportRules: seen } = await settled(url, answers.length)
    const wanted = expected(answers, enforced(pack.ruleSet))
    expect(wanted.differing).toBeGreaterThan(20)
    expect(seen!.names).toEqual(names)
    const { compared, differing, outcomes } = counted(seen!)
    expect({ compared, differing, outcomes }).toEqual({ ...wanted, rules: undefined })
    for (const name of names) {
      const alone = { ...pack.ruleSet, rules: enforced(pack.ruleSet).rules, reportRules: [] }
      const only = load({ ...alone, rules: alone.rules.filter((rule) => rule.name === name) })
      const applying = answers.filter((text, index) => {
        const { evaluatedAt } = bodyOf(text)
        const read = only.parse(
          JSON.parse(signIns[index % signIns.length]!),
          Date.parse(evaluatedAt),
        )
        return !read.faults && only.decide(read.signIn).reasons.length > 0
      })
      const told = seen!.rules.filter(({ rule }) => rule === name)
      expect(told.every(({ change }) => change === 'applies')).toBe(true)
      expect(told.reduce((sum, { count }) => sum + Number(count), 0)).toBe(applying.length)
    }
  })

  test('is watched beside a candidate, and each is counted for itself', async () => {
    const pack = reporting(live, names)
    const { url } = await start(pack, inShadow)
    const answers = await askAll(url)
    const seen = await settled(url, answers.length)
    expect(counted(seen.candidate!)).toEqual(expected(answers, candidate.ruleSet))
    expect(seen.reportRules!.differing).toBe(expected(answers, enforced(pack.ruleSet)).differing)
  })

  test('costs no thread and is not shown while there is none', async () => {
    const { url } = await start(live)
    await ask(url, signIns[0]!)
    expect(await view(url)).toMatchObject({ since: null, candidate: null, reportRules: null })
  })
})

describe('a shadow thread', () => {
  const told = (word: string) =>
    JSON.stringify({ ...(JSON.parse(signIns[0]!) as object), envelope: { correlationId: word } })

  test.each([
    ['dies', '#exits'],
    ['hangs', '#hangs'],
  ])(
    'that %s is replaced: every sign-in is answered, and what it took along is counted',
    async (_, word) => {
      const { url } = await start(live, { ...inShadow, shadowThread: faulty })
      await ask(url, signIns[0]!)
      await settled(url, 1)
      expect(await ask(url, told(word))).toContain('"outcome":"allow"')
      await vi.waitFor(async () => expect((await view(url)).restarts).toBeGreaterThan(0), soon)
      for (let each = 0; each < 20; each++)
        expect(await ask(url, signIns[0]!)).toContain('"outcome":"allow"')
      const seen = await settled(url, 22)
      const { full, lost } = seen.skipped
      expect({ full, all: seen.candidate!.compared + lost }).toEqual({ full: 0, all: 22 })
      expect(lost).toBeGreaterThan(0)
      expect(seen.candidate!.compared).toBeGreaterThan(0)
      expect(logged).toContainEqual(
        expect.stringMatching(/shadow's thread was lost .*; starting it/),
      )
    },
  )

  test('that can not keep up skips what there is no room for, and holds nobody up', async () => {
    const { url } = await start(
      live,
      { ...inShadow, shadowThread: { ...faulty, pingEveryMs: 10_000 } },
      { listeners: '1' },
    )
    const slow = Array.from({ length: 200 }, () => told('#lags')).join('\n')
    const many = Array.from({ length: 6_000 }, () => signIns[0]!).join('\n')
    const asked = performance.now()
    for (const lines of [slow, many]) {
      const answers = await ask(url, lines, '/v1/decisions/batch', 'application/x-ndjson')
      expect(
        answers
          .trim()
          .split('\n')
          .every((line) => line.includes('"outcome":"allow"')),
      ).toBe(true)
    }
    expect(performance.now() - asked).toBeLessThan(200 * 200) // as long as it takes the shadow
    const { skipped } = await view(url)
    expect(skipped.full).toBeGreaterThan(0)
  })
})

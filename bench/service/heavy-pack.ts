import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answer, faultText, load, parsePack, type Decision, type Pack } from '../../engine/index.ts'
import { readPack } from '../../rules/index.ts'
import { signInsToTenant } from '../engine/tenant-sign-ins.ts'
import { roles } from '../engine/tenant.ts'
import type { Workload } from '../load/workload.ts'
import { randomFrom } from '../random.ts'
import { median } from '../statistics.ts'

/** A pack in a folder of its own of which a decision costs a wanted time on this machine. */
export type HeavyPack = {
  readonly folder: string
  readonly pack: Pack
  readonly workload: Workload
  /** What a decision was measured to cost. */
  readonly us: number
  readonly dispose: () => void
}

/** Fewer rules than those that are found by an index, which remembers decisions: each of them is looked at for every sign-in. */
const [leastRules, firstRules, mostRules] = [31, 60, 120]
/** Comparisons of a rule: each looks for all roles of a sign-in in a list that has none of them, which no other rule has. */
const [firstLists, attempts] = [10, 10]
const [rolesHeld, rolesListed] = [8, 12]
const heldBySomeone = roles.slice(0, 100)
const heldByNobody = roles.slice(100)
const signIns = 4_000
const near = 0.05

/** Makes one, and changes how much its rules have to look at until a decision costs about that. */
export function heavyPack(wantedUs: number, progress: (text: string) => void): HeavyPack {
  const scratch = mkdtempSync(join(tmpdir(), 'portcullis-heavy-'))
  const folder = join(scratch, 'heavy') // a pack is called like its folder
  const texts = heavySignIns()
  const dispose = () => rmSync(scratch, { recursive: true, force: true })
  try {
    let [rules, lists] = [firstRules, firstLists]
    for (let attempt = 1; ; attempt++) {
      progress(`a pack of ${rules} heavy rules`)
      writePack(folder, rules, lists)
      const pack = read(folder)
      const us = costOf(pack, texts)
      if (Math.abs(us / wantedUs - 1) <= near || attempt === attempts)
        return { folder, pack, workload: workloadOf(pack, texts), us, dispose }
      const wanted = Math.round((rules * wantedUs) / us)
      rules = Math.min(mostRules, Math.max(leastRules, wanted))
      if (wanted !== rules) lists = Math.max(1, Math.round((lists * wanted) / rules))
    }
  } catch (error) {
    dispose()
    throw error
  }
}

/** All different, and each of somebody with several roles. */
function heavySignIns(): readonly string[] {
  const random = randomFrom(13)
  return signInsToTenant(signIns, 11).map((text) => {
    const signIn = JSON.parse(text) as { readonly user: Readonly<Record<string, unknown>> }
    const held = random.some(heldBySomeone, rolesHeld, rolesHeld)
    return JSON.stringify({ ...signIn, user: { ...signIn.user, roles: held } })
  })
}

function read(folder: string): Pack {
  const pack = parsePack(readPack(folder))
  if (pack.faults) throw new Error(pack.faults.map(faultText).join('\n'))
  return pack
}

/** Middle of several passes, in microseconds a decision. */
function costOf({ ruleSet }: Pack, texts: readonly string[]): number {
  const loaded = load(ruleSet)
  const bodies = texts.slice(0, 500).map((text) => Buffer.from(text))
  const pass = () => {
    const from = performance.now()
    for (const body of bodies) answer(loaded, body, 0)
    return ((performance.now() - from) * 1_000) / bodies.length
  }
  for (let warmUp = 0; warmUp < 4; warmUp++) pass()
  return median(Array.from({ length: 5 }, pass))
}

export function writePack(folder: string, rules: number, lists: number): void {
  const random = randomFrom(7)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'rules'), { recursive: true })
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(value, null, 2))
  write('pack.json', {
    id: 'heavy',
    title: 'Rules that take long',
    description: 'Made for measuring: lists of roles that nobody holds and no two rules share.',
    controls: { takeLong: 'Deciding takes long' },
    sources: {
      bench: { title: 'portcullis bench service', date: '2026', url: 'https://example.com' },
    },
  })
  for (let index = 0; index < rules; index++) {
    const name = `heavy-${String(index).padStart(3, '0')}`
    const any = Array.from({ length: lists }, () => ({
      fact: 'user.roles',
      operator: 'someFact:in',
      value: random.some(heldByNobody, rolesListed, rolesListed),
    }))
    // one that holds now and then, so that answers differ
    const now = { fact: 'risk.signIn', operator: 'notEqual', value: 'none' }
    write(`rules/${name}.json`, {
      name,
      title: `Heavy rule ${index}`,
      control: 'takeLong',
      source: 'bench#heavy',
      conditions: { any: index === 0 ? [...any, now] : any },
      event: { type: 'challenge', params: { requirement: 'mfa', code: name.replace('-', '') } },
    })
  }
}

function workloadOf({ ruleSet }: Pack, texts: readonly string[]): Workload {
  const loaded = load(ruleSet)
  return {
    name: 'heavy',
    description: 'sign-ins that are all different',
    seed: 11,
    ruleSet: { id: ruleSet.id, revision: ruleSet.revision },
    questions: texts.map((text, index) => {
      const answered = answer(loaded, text, 0)
      if ('faults' in answered) throw new Error(answered.faults.map(faultText).join('; '))
      const { requirements } = JSON.parse(answered.json) as Decision
      const { outcome, json } = answered
      const expected = { [ruleSet.revision]: [{ outcome, requirements, json }] }
      return { name: `sign-in #${index + 1}`, form: 'single', signIns: [text], expected }
    }),
    order: texts.map((_, index) => index),
  }
}

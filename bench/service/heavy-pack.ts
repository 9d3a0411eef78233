import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answer, faultText, load, parsePack, type Decision, type Pack } from '../../engine/index.ts'
import { readPack } from '../../rules/index.ts'
import { signInsToTenant } from '../engine/tenant-sign-ins.ts'
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

/**
 * More rules than those whose outcomes are kept by number, and fewer than those that are found by an index, which remembers: so
 * each of them is looked at for every sign-in.
 */
const [leastRules, mostRules] = [31, 120]
const [firstRules, ways] = [60, 12]
/** Several times what anything remembers is not needed, since nothing does; but no sign-in comes twice soon. */
const signIns = 4_000
const near = 0.05

/** Makes one, and changes how much its rules have to look at until a decision costs about that. Throws where it can't be reached. */
export function heavyPack(wantedUs: number, progress: (text: string) => void): HeavyPack {
  const scratch = mkdtempSync(join(tmpdir(), 'portcullis-heavy-'))
  const folder = join(scratch, 'heavy') // a pack is called like its folder
  const texts = signInsToTenant(signIns, 11)
  const dispose = () => rmSync(scratch, { recursive: true, force: true })
  try {
    let [rules, each] = [firstRules, ways]
    for (let attempt = 0; attempt < 12; attempt++) {
      progress(`a pack of ${rules} heavy rules`)
      writePack(folder, rules, each)
      const pack = read(folder)
      const us = costOf(pack, texts)
      if (Math.abs(us / wantedUs - 1) <= near || attempt === 11)
        return { folder, pack, workload: workloadOf(pack, texts), us, dispose }
      const wantedRules = Math.round((rules * wantedUs) / us)
      if (wantedRules > mostRules) each = Math.ceil(each * 1.5)
      else if (wantedRules < leastRules) each = Math.max(1, Math.floor(each / 1.5))
      rules = Math.min(mostRules, Math.max(leastRules, wantedRules))
    }
    throw new Error('unreachable')
  } catch (error) {
    dispose()
    throw error
  }
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

export function writePack(folder: string, rules: number, each: number): void {
  const random = randomFrom(7)
  rmSync(join(folder, 'rules'), { recursive: true, force: true })
  mkdirSync(join(folder, 'rules'), { recursive: true })
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(value, null, 2))
  write('pack.json', {
    id: 'heavy',
    title: 'Rules that take long',
    description: 'Made for measuring: thresholds and places that no two rules share.',
    controls: { takeLong: 'Deciding takes long' },
    sources: {
      bench: { title: 'portcullis bench service', date: '2026', url: 'https://example.com' },
    },
  })
  const letter = () => String.fromCharCode(65 + random.below(26))
  const way = () => ({
    all: [
      { fact: 'tenant.ageHours', operator: 'greaterThan', value: 1 + random.below(9_600) },
      { fact: 'tenant.gracePeriodDays', operator: 'lessThan', value: 1 + random.below(60) },
      { fact: 'location.country', operator: 'equal', value: letter() + letter() },
    ],
  })
  for (let index = 0; index < rules; index++) {
    const name = `heavy-${String(index).padStart(3, '0')}`
    write(`rules/${name}.json`, {
      name,
      title: `Heavy rule ${index}`,
      control: 'takeLong',
      source: 'bench#heavy',
      conditions: { any: Array.from({ length: each }, way) },
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

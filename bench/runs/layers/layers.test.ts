import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parsePack, type Pack } from '../../../engine/index.ts'
import { packFolder, readPack } from '../../../rules/index.ts'
import { drive } from '../../load/drive.ts'
import { startService } from '../../load/service.ts'
import { readProfile, workloadOf } from '../../profiles/index.ts'
import { unwatched } from '../simulated.ts'
import { decidedOf } from './decided.ts'
import { deciding, type Inside } from './inside.ts'
import type { Ground } from './layer.ts'
import { layers, measureLayers } from './layers.ts'

const pack = parsePack(readPack(packFolder('security-defaults')!)) as Pack
const profile = readProfile('malformed')
if (profile.faults) throw new Error('the profile is broken')
const workload = workloadOf(profile, [pack.ruleSet], { seed: 1, questions: 100 })
const ground: Ground = {
  drive,
  startService,
  pack: 'security-defaults',
  ruleSet: pack.ruleSet,
  workload,
  connections: 4,
  seconds: 0.4,
  warmUpSeconds: 0.1,
}

/** Processes that this one has started, as Linux tells. */
const children = (): readonly number[] =>
  readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number),
  )

describe('layers', () => {
  test('from the inside out, beside servers that only echo', async () => {
    const part = await measureLayers(ground, 1, unwatched())
    expect(part.rows.map(({ layer }) => layer)).toEqual(layers.map(({ name }) => name))
    for (const row of part.rows) {
      expect(row.cpuUs, row.layer).toBeGreaterThan(0)
      expect(row.perSecond, row.layer).toBeGreaterThan(0)
      expect(row.p99Us, row.layer).toBeGreaterThanOrEqual(row.p50Us)
    }
    expect(part.rows.filter(({ ceiling }) => ceiling)).toHaveLength(2)
  }, 120_000)

  test.runIf(process.platform === 'linux')(
    'one whose process ends in the middle says so, and can be stopped',
    async () => {
      const before = children()
      const { round, stop } = await layers[0]!.start(
        { ...ground, workload: decidedOf(workload), seconds: 20 },
        unwatched(),
      )
      const [own] = children().filter((pid) => !before.includes(pid))
      const asked = round(unwatched())
      process.kill(own!, 'SIGKILL')
      await expect(asked).rejects.toThrow('its process ended (SIGKILL)')
      await expect(round(unwatched())).rejects.toThrow('its process ended (SIGKILL)')
      await stop()
    },
  )

  const { questions, ruleSet } = decidedOf(workload)
  const signIns = questions.map(({ signIns: [text], expected }) => {
    const [wanted] = expected[ruleSet.revision]!
    return { text: text!, json: wanted!.outcome === 'refused' ? '' : wanted!.json }
  })

  test('questions that are refused are no decisions', () => {
    expect(questions.length).toBeGreaterThan(0)
    expect(questions.length).toBeLessThan(workload.questions.length)
    expect(signIns.every(({ json }) => json !== '')).toBe(true)
    const refused = workload.questions.filter(({ expected }) =>
      expected[ruleSet.revision]!.some(({ outcome }) => outcome === 'refused'),
    )
    expect(() =>
      decidedOf({ ...workload, questions: refused, order: refused.map((_, at) => at) }),
    ).toThrow('malformed: expected sign-ins that security-defaults decides, got none')
  })

  test.each<Inside>([{ kind: 'decide' }, { kind: 'answer' }, { kind: 'thread', texts: 8 }])(
    'an answer that is not the one expected ends it: %o',
    async (inside) => {
      const wrong = signIns.map((each) => ({ ...each, json: each.json.replace('outcome', 'came') }))
      await expect(deciding({ ruleSet: pack.ruleSet, inside, signIns: wrong })).rejects.toThrow(
        /decides otherwise:\n {2}the sign-in .*\n {2}expected .*"came".*\n {2}came .*"outcome"/,
      )
    },
  )
})

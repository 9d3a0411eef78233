import fc from 'fast-check'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import {
  afterSignIn,
  answer,
  entryEnd,
  entryStart,
  load,
  type RuleSet,
} from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { cutEntry } from './entry.ts'
import { withRotated } from './files.ts'
import { eachLine } from './lines.ts'
import { logReplay, type LogReport } from './replay-log.ts'

const [first, second] = shippedPacks.map(({ pack }) => pack) as [
  (typeof shippedPacks)[0]['pack'],
  (typeof shippedPacks)[0]['pack'],
]
const loaded = load(first.ruleSet)
const envelope = { correlationId: '"},"decision":{"decisionId":"x\\"} é 🦊', userId: 'u' }

/** An entry as the service writes it, without its newline. */
function entry(at: number, masked: readonly string[] = [], more: object = {}): string {
  const signIn = JSON.stringify({ ...(first.cases[at]!.signIn as object), ...more })
  const now = Date.parse('2026-11-30T10:00:00.000Z') + at
  const again = answer(loaded, signIn, now) as { json: string }
  const id = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
  const head = `{"decisionId":"${id}","evaluatedAt":"${new Date(now).toISOString()}",`
  const trace = at % 2 === 0 ? 'ab'.repeat(16) : undefined
  const decision = head + again.json.slice(1)
  return `${entryStart}${signIn}${afterSignIn}${decision}${entryEnd(at / 7, trace, masked)}`.slice(
    0,
    -1,
  )
}

function replayed(
  lines: readonly (string | Buffer)[],
  other?: RuleSet,
  known = [first, second],
): LogReport {
  const replay = logReplay(
    (of) => known.find(({ ruleSet }) => ruleSet.revision === of)?.ruleSet,
    other,
  )
  lines.forEach((line, at) => replay.entry(Buffer.from(line), { file: 'log', line: at + 1 }))
  const report = replay.report()
  const { same, different, masked, unknown, torn, foreign } = report
  expect(same + different + masked + unknown + torn + foreign).toBe(report.lines)
  return report
}
const entries = first.cases.map((_, at) => entry(at))

describe('a decision log', () => {
  test('is decided again to the same, byte for byte', () => {
    expect(replayed(entries)).toMatchObject({ lines: entries.length, same: entries.length })
    for (const each of entries) expect(cutEntry(Buffer.from(each))).toBeDefined()
    const awkward = entries.map((_, at) => entry(at, [], { envelope }))
    expect(replayed(awkward)).toMatchObject({ same: entries.length, different: 0 })
  })

  test('is the same to it when another program has printed it again', () => {
    const again = entries.map((each) =>
      JSON.stringify(JSON.parse(each), null, 1).replaceAll('\n', ' '),
    )
    expect(replayed(again)).toMatchObject({ same: entries.length, different: 0 })
  })

  test('that was cut off anywhere is torn, never something else', () => {
    const whole = entry(0, ['/envelope'], { envelope })
    const bytes = Buffer.from(whole)
    for (let at = 1; at < bytes.length; at++)
      expect(replayed([bytes.subarray(0, at)])).toMatchObject({ lines: 1, torn: 1 })
  })

  test('of which two lines ran into each other, or with a hole of zeros, is torn', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.boolean(), (a, b, hole) => {
        const [one, other] = [Buffer.from(entries[a % 7]!), Buffer.from(entries[b % 7]!)]
        const at = a % (one.length - 1)
        const line = hole
          ? Buffer.concat([one.subarray(0, at), Buffer.alloc(1 + (b % 50)), one.subarray(at)])
          : Buffer.concat([one.subarray(0, at), other])
        expect(replayed([line])).toMatchObject({ same: at === 0 && !hole ? 1 : 0 })
      }),
      { numRuns: 100 },
    )
  })

  test('with a changed byte is never taken for the same, unless it says the same', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 }), (which, where, byte) => {
        const line = Buffer.from(entries[which % entries.length]!)
        const before = JSON.stringify(JSON.parse(line.toString()))
        const at = where % line.length
        line[at] = byte
        if (replayed([line]).same === 0) return
        const parsed = JSON.parse(line.toString()) as {
          signIn: object
          decision: { decisionId: string }
        }
        const was = JSON.parse(before) as typeof parsed
        // Facts that change nothing, an id, a duration: what was decided is what the facts decide.
        expect({ ...parsed.decision, decisionId: '', evaluatedAt: '' }).toEqual({
          ...was.decision,
          decisionId: '',
          evaluatedAt: '',
        })
      }),
      { numRuns: 100 },
    )
  })

  test('that tells another decision is shown with its place and both', () => {
    const wrong = entries[3]!.replace(/"outcome":"\w+"/, '"outcome":"wrong"')
    const report = replayed([entries[0]!, wrong])
    expect(report).toMatchObject({ same: 1, different: 1 })
    const [difference] = report.differences
    expect(difference).toMatchObject({ file: 'log', line: 2 })
    expect(difference?.logged).toContain('"outcome":"wrong"')
    expect(difference?.now).toBe(
      JSON.stringify((JSON.parse(entries[3]!) as { decision: object }).decision),
    )
  })

  test('of which a sign-in can not be decided by its own rules is different', () => {
    const { signIn: _, ...rest } = JSON.parse(entries[0]!) as { v: 1; signIn: object }
    const report = replayed([JSON.stringify({ ...rest, v: 1, signIn: {} })])
    expect(report).toMatchObject({ different: 1 })
    expect(report.differences[0]?.now).toContain('faults')
  })

  test('tells masked entries, unknown revisions and foreign lines apart', () => {
    const lines = [
      entry(0, ['/user/roles']),
      entry(1, ['/envelope/userId', '/envelope']),
      entry(2, ['/envelope/userId', '/session']),
      '{"v":2,"signIn":{},"decision":{}}',
      '"a text"',
      '{"level":30}',
    ]
    expect(replayed(lines)).toMatchObject({ masked: 2, same: 1, foreign: 3 })
    expect(replayed(lines, undefined, [])).toMatchObject({ unknown: 3, foreign: 3 })
    expect(replayed([`${entries[0]!.slice(0, -1)},}`], undefined, [])).toMatchObject({ torn: 1 })
  })

  test('shows what another pack decides otherwise, by outcome and rule', () => {
    const { other } = replayed(entries, second.ruleSet)
    expect(other).toMatchObject({ ruleSet: { revision: second.ruleSet.revision } })
    expect(other!.decided + other!.undecided).toBe(entries.length)
    const otherLoaded = load(second.ruleSet)
    const otherwise = first.cases.filter(({ signIn }) => {
      const [a, b] = [loaded, otherLoaded].map((by) => answer(by, JSON.stringify(signIn), 0))
      if (!('json' in a!) || !('json' in b!)) return false
      const [was, is] = [a, b].map(
        ({ json }) => JSON.parse(json) as { outcome: string; requirements: string[] },
      )
      return was!.outcome !== is!.outcome || was!.requirements.join() !== is!.requirements.join()
    })
    expect(other!.changed).toBe(otherwise.length)
    expect(other!.changes.reduce((sum, each) => sum + each.entries, 0)).toBe(other!.changed)
    expect(other!.changes[0]?.first[0]?.decisionId).toMatch(/^0{8}-/)
    expect(other!.rules.length).toBeGreaterThan(0)
    expect(replayed(entries, first.ruleSet).other).toMatchObject({ decided: 0, changed: 0 })
  })
})

describe('the files of a decision log', () => {
  const folders: string[] = []
  afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))
  const write = (files: Readonly<Record<string, string | Buffer>>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-replay-'))
    folders.push(folder)
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    return folder
  }
  const read = async (file: string) => {
    const lines: [number, string][] = []
    const isWhole = await eachLine(
      file,
      (line, number) => void lines.push([number, line.toString()]),
    )
    return { lines, isWhole }
  }

  test('are read oldest first, those that it was rotated into too', () => {
    const names = ['log', 'log.1', 'log.10.gz', 'log.2', 'log.x', 'log.1.bak', 'other.1']
    const folder = write(Object.fromEntries(names.map((name) => [name, ''])))
    const list = withRotated(join(folder, 'log')).map((file) => file.slice(folder.length + 1))
    expect(list).toEqual(['log.10.gz', 'log.2', 'log.1', 'log'])
    expect(withRotated(join(folder, 'log.1'))).toEqual([join(folder, 'log.1')])
  })

  test('are read line by line however long the lines are, with numbers that count empty ones', async () => {
    const long = 'x'.repeat(3_000_000)
    const text = `one\n\n${long}\nfour\nfive`
    const folder = write({ log: text, 'log.gz': gzipSync(text) })
    const expected = [
      [1, 'one'],
      [3, long],
      [4, 'four'],
      [5, 'five'],
    ]
    for (const name of ['log', 'log.gz'])
      expect(await read(join(folder, name))).toEqual({ lines: expected, isWhole: true })
  })

  test('that are packed and cut off give what can be read, and say so', async () => {
    const text = Array.from({ length: 50_000 }, (_, n) => `line ${n}\n`).join('')
    const packed = gzipSync(text)
    const folder = write({
      'log.gz': packed.subarray(0, packed.length - 1_000),
      'none.gz': 'no gzip',
    })
    const { lines, isWhole } = await read(join(folder, 'log.gz'))
    expect(isWhole).toBe(false)
    expect(lines.length).toBeGreaterThan(1_000)
    await expect(read(join(folder, 'none.gz'))).rejects.toThrow('incorrect header check')
    await expect(read(join(folder, 'missing'))).rejects.toThrow('ENOENT')
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { diff, lint, verify, type Verification } from '../../engine/index.ts'
import { Misuse } from '../runs/misuse.ts'
import { unwatched } from '../runs/simulated.ts'
import { changedRules, needlessRules } from './changes.ts'
import { wrongComparison, wrongLint, wrongVerdict } from './checks.ts'
import { measureVerify } from './measure-verify.ts'
import { question, written } from './question.ts'
import { questions } from './questions.ts'
import { tenantPack } from './tenant-pack.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-verify-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const [rules, seed] = [60, 3]
const made = tenantPack('tenant', rules, seed)
const pack = written(join(scratch, 'tenant'), made.files)
const changed = written(
  join(scratch, 'changed'),
  tenantPack('changed', rules, seed, changedRules).files,
)
const needless = written(
  join(scratch, 'needless'),
  tenantPack('needless', rules, seed, needlessRules).files,
)
const expected = ({ name }: { readonly name: string }) => made.expected[name]!
const verified = verify(pack)
const compared = diff(pack, changed)
const linted = lint(needless)

test('a seed makes one pack, another seed another', () => {
  expect(tenantPack('tenant', rules, seed)).toEqual(made)
  expect(tenantPack('tenant', rules, seed + 1).files).not.toEqual(made.files)
})

const { ruleSet } = pack
const turned = verified.verdicts.map((each) =>
  each.verdict === 'proved' ? { ...each, verdict: 'vacuous' as const } : each,
)
const withoutWitness = verified.verdicts.map((each) =>
  each.verdict === 'refuted' ? { invariant: each.invariant, verdict: each.verdict } : each,
)
const witnessed = verified.verdicts.map((each) =>
  each.verdict === 'refuted'
    ? { ...each, witness: { ...each.witness!, signIn: verified.ordinary } }
    : each,
)
test.each<readonly [string, Verification, RegExp | undefined]>([
  ['all as expected', verified, undefined],
  [
    'a promise that is kept, and was not proved',
    { ...verified, verdicts: turned },
    /expected proved, got vacuous/,
  ],
  ['no witness', { ...verified, verdicts: withoutWitness }, /no witness/],
  ['a witness that breaks nothing', { ...verified, verdicts: witnessed }, /its witness/],
  ['no certificate', { ...verified, certified: 0 }, /certified/],
])('verdicts are checked: %s', (_, given, fault) => {
  const wrong = wrongVerdict(given, expected, ruleSet)
  if (fault === undefined) expect(wrong).toBeUndefined()
  else expect(wrong).toMatch(fault)
})

test('comparisons are checked by both engines', () => {
  expect(wrongComparison(compared, ruleSet, changed.ruleSet)).toBeUndefined()
  expect(wrongComparison(compared, ruleSet, ruleSet)).toMatch(/the witness of/)
  expect(wrongComparison(diff(pack, pack), ruleSet, changed.ruleSet)).toMatch(/and one is/)
  expect(wrongComparison({ unsupported: 'no' }, ruleSet, ruleSet)).toBe('no')
})

test('what can be left out is checked by what was planted, and by sign-ins', () => {
  expect(wrongLint(linted, needless.ruleSet)).toBeUndefined()
  expect(wrongLint({ ...linted, skipped: ['no'] }, needless.ruleSet)).toBe('no')
  const [first, ...rest] = linted.needless.filter((each) => each.kind === 'covered')
  expect(wrongLint({ ...linted, needless: rest }, needless.ruleSet)).toMatch(/missed/)
  const wrong = needless.ruleSet.rules.slice(0, rules).map((rule) => ({
    ...first!,
    kind: 'neverApplies' as const,
    rule: rule.name,
  }))
  expect(
    wrongLint({ ...linted, needless: [...linted.needless, ...wrong] }, needless.ruleSet),
  ).toMatch(/not neverApplies/)
})

test('a wrong answer is no measurement, and every row has a name and a method of its own', async () => {
  const targets = questions.flatMap((each) => each.targets)
  expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length)
  for (const { method } of targets) expect(method).not.toMatch(/\n|^$/)
  const plan = { seed, rounds: 2, watch: unwatched() }
  await expect(measureVerify(plan, ['no-such-row'])).rejects.toThrow(Misuse)
  const target = { name: 'row', what: 'what', unit: 'ms', method: 'how', atMost: 60_000 }
  const asking = (fault: string | undefined) =>
    question(
      (folder: string) => {
        written(join(folder, 'tenant'), made.files)
        const task = { ask: 'prove', packs: [join(folder, 'tenant')] } as const
        return {
          task,
          fault: () => fault,
          counts: ([found]) => ({ verdicts: found!.verdicts.length }),
        }
      },
      [{ ...target, value: ({ cpuMs }) => cpuMs }],
    )
  const right = await measureVerify(plan, [], [asking(undefined)])
  expect(right.rows).toMatchObject([{ rounds: 2, met: true }])
  expect(right.rows[0]!.figures.at(-1)).toMatchObject({ name: 'verdicts', value: 20 })
  const wrong = await measureVerify(plan, [], [asking('no')])
  expect(wrong.rows).toMatchObject([{ rounds: 0, met: false, cannot: 'a wrong answer: no' }])
}, 60_000)

import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { answersTo, smtLib, verify, type Condition } from '../engine/index.ts'
import { shippedPacks } from './packs.ts'
import { promising, promisingOfFew, type Promising } from './promises.ts'

/** The prover's verdicts against those of z3, which is asked in terms of rules and facts: PORTCULLIS_Z3 or the one in PATH. */
const z3 = [
  process.env['PORTCULLIS_Z3'] ?? '',
  ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'z3')),
].find((file) => file !== '' && isProgram(file))

if (z3 === undefined)
  console.log('z3 is not there (PORTCULLIS_Z3, PATH): verdicts are not compared with it')

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** As many as take a few seconds; PROPERTY_RUNS asks for more. */
const runs = fc.readConfigureGlobal()?.numRuns ?? 300
const made = Math.ceil(runs / 10)
const edited = Math.ceil(runs / 100)
const mostMilliseconds = 20_000

const count = { agreed: 0, proved: 0, refuted: 0, vacuous: 0, undecidedByUs: 0, undecidedByZ3: 0 }
afterAll(() => {
  if (z3 !== undefined) console.log('verdicts compared with z3:', JSON.stringify(count))
})

const separator = 'next'

/** The answers of z3 to each file. */
async function answers(files: readonly string[]): Promise<readonly (readonly string[])[]> {
  const child = spawn(z3!, ['-in', '-smt2', `-t:${mostMilliseconds}`])
  child.stdin.end(files.join(`\n(reset)\n(echo "${separator}")\n`))
  const said = await text(child.stdout)
  return said.split(`${separator}\n`).map((part) => {
    expect(part).not.toContain('(error')
    return part.split('\n').filter((line) => ['sat', 'unsat', 'unknown'].includes(line))
  })
}

async function check(pack: Promising): Promise<void> {
  const verdicts = verify(pack).verdicts.filter((verdict) => {
    if (answersTo(verdict) !== undefined) return true
    count.undecidedByUs++
    return false
  })
  const files = verdicts.map((verdict) => smtLib(pack, verdict))
  const given = await answers(files)
  for (const [index, verdict] of verdicts.entries()) {
    const [wanted, got] = [answersTo(verdict)!, given[index]!]
    expect(got).toHaveLength(wanted.length)
    if (got.includes('unknown')) {
      count.undecidedByZ3++
      continue
    }
    if (got.join() !== wanted.join())
      expect.fail(`z3 says ${got.join()}, the prover ${wanted.join()}:\n${files[index]!}`)
    count.agreed++
    count[verdict.verdict as 'proved' | 'refuted' | 'vacuous']++
  }
}

describe.skipIf(z3 === undefined)('z3 comes to the same verdict', () => {
  test.each(shippedPacks)('on $name', async ({ pack }) => {
    await check(pack)
    expect(count.proved).toBeGreaterThanOrEqual(pack.invariants.length)
  })

  test.each(shippedPacks)(
    'on $name with an edit',
    async ({ pack }) => {
      const before = count.refuted
      for (const change of fc.sample(edit(pack), edited)) await check(change)
      expect(count.refuted).toBeGreaterThan(before)
    },
    600_000,
  )

  test.each([
    ['over many facts', promising],
    ['over few facts', promisingOfFew],
  ])(
    'on made rule sets %s',
    async (_, packs) => {
      await fc.assert(fc.asyncProperty(packs, check), { numRuns: made, endOnFailure: true })
      expect(count.undecidedByZ3).toBeLessThan(0.01 * count.agreed)
    },
    1_200_000,
  )
})

/** The pack with a rule taken out, or a comparison that is made of it turned around or left out. */
function edit(pack: Promising): fc.Arbitrary<Promising> {
  const { rules } = pack.ruleSet
  return fc
    .record({
      index: fc.nat(rules.length - 1),
      how: fc.constantFrom('without', 'turned', 'shortened'),
      place: fc.nat(),
    })
    .map(({ index, how, place }) => {
      const changed = rules.flatMap((rule, each) => {
        if (each !== index) return [rule]
        const conditions =
          how === 'turned' ? turned(rule.conditions, place) : shortened(rule.conditions, place)
        return how === 'without' || conditions === undefined ? [] : [{ ...rule, conditions }]
      })
      return { ...pack, ruleSet: { ...pack.ruleSet, rules: changed } }
    })
}

function turned(condition: Condition, place: number): Condition {
  if ('all' in condition) return { all: atPlace(condition.all, place, (each) => [{ not: each }]) }
  if ('any' in condition) return { any: atPlace(condition.any, place, (each) => [{ not: each }]) }
  return { not: condition }
}

function shortened(condition: Condition, place: number): Condition | undefined {
  if ('all' in condition && condition.all.length > 1)
    return { all: atPlace(condition.all, place, () => []) }
  if ('any' in condition && condition.any.length > 1)
    return { any: atPlace(condition.any, place, () => []) }
  return undefined
}

const atPlace = (
  conditions: readonly Condition[],
  place: number,
  change: (condition: Condition) => readonly Condition[],
): readonly Condition[] =>
  conditions.flatMap((each, index) => (index === place % conditions.length ? change(each) : [each]))

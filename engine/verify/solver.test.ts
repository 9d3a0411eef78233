import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { certifier } from './certificate.ts'
import { proof } from './proof.ts'
import { solver, type Literal } from './solver.ts'

const variables = 8
const literal = fc
  .tuple(fc.integer({ min: 1, max: variables }), fc.boolean())
  .map(([variable, positive]) => (positive ? variable : -variable))
const clause = fc.array(literal, { minLength: 1, maxLength: 4 })
const questions = fc.array(fc.uniqueArray(literal, { maxLength: 4 }), {
  minLength: 1,
  maxLength: 4,
})

/** Random clauses of three different variables, as many as can just be met or just not (4.26 a variable). */
function threes(size: number, seed: number): readonly (readonly Literal[])[] {
  let state = seed
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  return Array.from({ length: Math.round(4.26 * size) }, () => {
    const three = new Set<number>()
    while (three.size < 3) three.add(1 + below(size))
    return [...three].map((variable) => (below(2) === 0 ? variable : -variable))
  })
}

/** Every assignment in turn. */
function isPossible(clauses: readonly (readonly Literal[])[]): boolean {
  return Array.from({ length: 2 ** variables }, (_, row) => row).some((row) =>
    clauses.every((each) =>
      each.some((one) => ((row & (1 << (Math.abs(one) - 1))) !== 0) === one > 0),
    ),
  )
}

function given(clauses: readonly (readonly Literal[])[]) {
  const log = proof()
  const sat = solver(log)
  for (let count = 0; count < variables; count++) sat.variable(true)
  for (const each of clauses) sat.add(each)
  return { sat, log }
}

describe('the solver', () => {
  test('agrees with trying every assignment, and its cores and certificates hold', () => {
    fc.assert(
      fc.property(fc.array(clause, { maxLength: 45 }), questions, (clauses, asked) => {
        const { sat, log } = given(clauses)
        for (const assumptions of asked) {
          const answer = sat.solve(assumptions)
          const units = assumptions.map((each) => [each])
          expect(answer).toBe(isPossible([...clauses, ...units]) ? 'satisfiable' : 'unsatisfiable')
          if (answer === 'satisfiable')
            expect([...clauses, ...units].every((each) => each.some(sat.isTrue))).toBe(true)
          else {
            expect(assumptions).toEqual(expect.arrayContaining([...sat.core()]))
            expect(isPossible([...clauses, ...sat.core().map((each) => [each])])).toBe(false)
          }
        }
        expect(certifier(() => false).certify(log.steps())).toBeUndefined()
      }),
      { numRuns: 6400 }, // some 16,000 questions
    )
  })

  test.each([50, 100, 150, 200])(
    'certifies hard random clauses of three, of %s variables, however often it restarts and forgets',
    (size) => {
      let [restarts, forgotten] = [0, 0]
      for (const row of [threes(size, 1), threes(size, 2), threes(size, 3)]) {
        const log = proof()
        const sat = solver(log, undefined, 60)
        for (let variable = 0; variable < size; variable++) sat.variable(true)
        for (const each of row) sat.add(each)
        const answer = sat.solve([], 6000)
        if (answer === 'satisfiable') expect(row.every((each) => each.some(sat.isTrue))).toBe(true)
        const certifying = certifier(() => false)
        expect(certifying.certify(log.steps())).toBeUndefined()
        if (answer === 'unsatisfiable') expect(certifying.follows([])).toBe(true)
        restarts += sat.count.restarts
        forgotten += sat.count.forgotten
      }
      if (size < 100) return
      expect(restarts).toBeGreaterThan(0)
      expect(forgotten).toBeGreaterThan(20)
    },
  )

  test('one that can not be met for want of pigeonholes is told, and certified', () => {
    const [pigeons, holes] = [7, 6]
    const log = proof()
    const sat = solver(log)
    const at = Array.from({ length: pigeons }, () =>
      Array.from({ length: holes }, () => sat.variable(true)),
    )
    for (const row of at) sat.add(row)
    for (let hole = 0; hole < holes; hole++)
      for (let one = 0; one < pigeons; one++)
        for (let two = 0; two < one; two++) sat.add([-at[one]![hole]!, -at[two]![hole]!])
    expect(sat.solve([], 5)).toBe('unknown')
    expect(sat.solve([])).toBe('unsatisfiable')
    expect(sat.count.conflicts).toBeGreaterThan(100)
    expect(certifier(() => false).certify(log.steps())).toBeUndefined()
  })
})

describe('the certifier', () => {
  test('finds the clause that was spoilt in a proof', () => {
    let spoilt = 0
    fc.assert(
      fc.property(fc.array(clause, { minLength: 8, maxLength: 45 }), fc.nat(), (clauses, which) => {
        const honest = proof()
        const sat = solver(honest)
        for (let count = 0; count < variables; count++) sat.variable(true)
        for (const each of clauses) sat.add(each)
        if (!isPossible(clauses)) return
        // A literal that some assignment of all clauses denies does not follow from them.
        sat.solve([])
        const variable = 1 + (which % variables)
        const claim = sat.isTrue(variable) ? [-variable] : [variable]
        honest.learnt(claim)
        spoilt++
        expect(certifier(() => false).certify(honest.steps())).toEqual(claim)
      }),
      { numRuns: 300 },
    )
    expect(spoilt).toBeGreaterThan(50)
  })

  test.each<[name: string, clauses: number[][], claim: number[], follows: boolean]>([
    [
      'takes what unit propagation gives',
      [
        [1, 2],
        [-1, 2],
      ],
      [2],
      true,
    ],
    [
      'takes a chain',
      [
        [-1, 2],
        [-2, 3],
      ],
      [-1, 3],
      true,
    ],
    ['takes a clause that is true of everything', [], [1, -1], true],
    ['refuses what does not follow', [[1, 2]], [1], false],
    [
      'refuses a contradiction out of nothing',
      [
        [1, 2],
        [-1, 2],
      ],
      [],
      false,
    ],
    [
      'refuses the turned literal',
      [
        [-1, 2],
        [-2, 3],
      ],
      [-3, 1],
      false,
    ],
  ])('%s', (_, clauses, claim, follows) => {
    const log = proof()
    clauses.forEach(log.given)
    log.learnt(claim)
    expect(certifier(() => false).certify(log.steps())).toEqual(follows ? undefined : claim)
  })

  test('asks about clauses of the theory, and takes no such clause unasked', () => {
    const log = proof()
    log.theory([1, 2])
    expect(certifier((each) => each.length === 2).certify(log.steps())).toBeUndefined()
    expect(certifier(() => false).certify(log.steps())).toEqual([1, 2])
  })
})

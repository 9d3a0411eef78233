import { setImmediate } from 'node:timers/promises'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { JSONPath } from 'jsonpath-plus'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compileRules, RefusedRules } from '../engine/index.ts'
import { check, tally, tallyText } from './json-rules-engine.ts'
import { anyPath, jsonRules, pathTarget, usualPath } from './json-rules.ts'

const { numRuns = 300 } = fc.readConfigureGlobal() ?? {}
const patience = 60_000 + numRuns * 100

/**
 * json-rules-engine leaves promises behind: when a reference to a condition that is not there throws, those of the
 * comparisons before it that fail are nobody's, which by default ends the process.
 */
const ignore = () => {}
beforeAll(() => void process.on('unhandledRejection', ignore))
afterAll(async () => {
  await setImmediate()
  process.off('unhandledRejection', ignore)
  console.log(tallyText())
})

test(
  'compiled rules mean what they mean in json-rules-engine, whatever they are',
  async () => {
    await fc.assert(
      fc.asyncProperty(jsonRules, async ({ runs, ...given }) => {
        await setImmediate() // or promises alone would keep timers and rejections waiting until the end
        await check(given, runs)
      }),
      { numRuns },
    )
    // Most rule sets are taken, and most runs come to a result.
    expect(tally.comparisons).toBeGreaterThan(numRuns * 2)
    expect(tally.failed).toBeGreaterThan(tally.comparisons / 50)
    expect(tally.failed).toBeLessThan(tally.comparisons * 0.7)
    expect(tally.held).toBeGreaterThan(tally.results / 10)
    expect(tally.held).toBeLessThan(tally.results * 0.9)
  },
  patience,
)

/** Finds by a path, through a parameter of an event; undefined when the path is refused. */
function finder(path: string): ((whole: object) => unknown) | undefined {
  const event = { type: 'found', params: [{ fact: 'whole', path }] }
  const options = { allowUndefinedFacts: false, replaceFactsInEventParams: true }
  try {
    const { events } = compileRules([{ conditions: { all: [] }, event }], options)
    return (whole) => (events({ whole })[0]!.params as [unknown])[0]
  } catch (error) {
    if (error instanceof RefusedRules) return undefined
    throw error
  }
}

/** What a wildcard finds is the very same, in an array made for it. */
function haveSameMembers(ours: unknown, theirs: unknown): boolean {
  if (!Array.isArray(ours) || !Array.isArray(theirs) || ours.length !== theirs.length) return false
  return ours.every((member, index) => Object.is(member, theirs[index]))
}

test(
  'a path means what it means to jsonpath-plus, or is refused',
  () => {
    const read = { usual: 0, any: 0 }
    const holds = (kind: 'usual' | 'any') => (path: string, whole: unknown) => {
      if (typeof whole !== 'object' || whole === null) return
      const find = finder(path)
      if (path === '' || find === undefined) return
      read[kind]++
      const [ours, theirs] = [find(whole), JSONPath({ path, json: whole, wrap: false })]
      const found = Object.is(ours, theirs) || (path.includes('*') && haveSameMembers(ours, theirs))
      expect(found, `${path} finds ${inspect(theirs)}, not ${inspect(ours)}`).toBe(true)
    }
    const runs = { numRuns: numRuns * 10 }
    fc.assert(fc.property(usualPath, pathTarget, holds('usual')), runs)
    fc.assert(fc.property(anyPath, pathTarget, holds('any')), runs)
    expect(read.usual).toBeGreaterThan(numRuns)
    expect(read.any).toBeGreaterThan(numRuns / 4)
  },
  patience,
)

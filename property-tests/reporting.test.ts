import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answer, compile, enforced, interpret, load, strategies } from '../engine/index.ts'
import { deciding, junk, signIn, signInJson } from './arbitraries.ts'
import { files, parsed } from './written.ts'

const now = Date.parse('2024-06-01T08:00:00Z')

/** A rule set with some of its rules in report mode, the one without them, and the one in which all decide. */
const some = deciding
  .filter(({ rules }) => rules.length > 1)
  .chain((set) =>
    fc
      .subarray(
        set.rules.map(({ name }) => name),
        { minLength: 1, maxLength: set.rules.length - 1 },
      )
      .map((names) => {
        const reporting = new Set(names)
        const without = set.rules.filter(({ name }) => !reporting.has(name))
        return {
          reported: parsed(files(set, [], false, reporting)),
          without: parsed(files({ ...set, rules: without }, [])),
          whole: parsed(files(set, [])),
        }
      }),
  )

describe('a rule in report mode', () => {
  test('decides nothing: every answer is that of the pack without it, faults included', () => {
    fc.assert(
      fc.property(some, fc.oneof(signInJson, junk), ({ reported, without }, body) => {
        const text = JSON.stringify(body)
        const said = JSON.stringify(answer(load(reported), text, now))
        const wanted = JSON.stringify(answer(load(without), text, now))
        expect(said.replaceAll(reported.revision, '')).toBe(wanted.replaceAll(without.revision, ''))
      }),
      { numRuns: 100 },
    )
  })

  test('is held out alike by every way to decide, json-rules-engine among them', () =>
    fc.assert(
      fc.asyncProperty(some, signIn, async ({ reported, without }, facts) => {
        const wanted = await interpret(without, facts)
        expect(await interpret(reported, facts)).toEqual(wanted)
        for (const strategy of strategies)
          expect(compile(reported, strategy)(facts)).toEqual(wanted)
      }),
      { numRuns: 100 },
    ))

  test('shows in the revision, and decides as any other once it is enforced', () => {
    fc.assert(
      fc.property(some, ({ reported, without, whole }) => {
        expect(new Set([reported, without, whole].map(({ revision }) => revision)).size).toBe(3)
        expect(enforced(reported)).toEqual(whole)
        expect(enforced(whole)).toEqual(whole)
      }),
      { numRuns: 100 },
    )
  })
})

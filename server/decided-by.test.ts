import { expect, test } from 'vitest'
import { answer, load, type AtOnce } from '../engine/index.ts'
import { shippedPacks } from '../property-tests/packs.ts'
import { decidedBy, type DecidedBy } from './decided-by.ts'

const now = Date.UTC(2026, 0, 1)

test('what an answer rests on is read from its text as it was decided', () => {
  const seen = { reasons: 0, advice: 0, assumed: 0, at: 0 }
  for (const { pack } of shippedPacks) {
    const [loaded, by] = [load(pack.ruleSet), decidedBy()]
    for (const { signIn } of pack.cases)
      for (const without of ['', 'at', ...Object.keys(signIn)]) {
        const asked: Record<string, unknown> = {
          ...signIn,
          envelope: { correlationId: '],"ruleSet":{ ,"assumed":[ {"rule":"x"}' },
        }
        delete asked[without]
        const got = answer(loaded, JSON.stringify(asked), now + Math.random() * 1e9)
        if ('faults' in got) continue
        const { outcome, json } = got
        const read = by({ outcome, json } satisfies AtOnce)
        expect(namesIn(read)).toEqual(namesIn(by(got)))
        seen.reasons += read.reasons.length
        seen.advice += read.advice.length
        seen.assumed += read.assumed.length
        seen.at += Number(read.assumed.some(({ fact }) => fact === 'at'))
      }
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
})

const namesIn = ({ outcome, reasons, advice, assumed }: DecidedBy) => ({
  outcome,
  reasons: reasons.map(({ rule }) => rule),
  advice: advice.map(({ rule }) => rule),
  assumed: assumed.map(({ fact }) => fact),
})

test('what is no answer rests on nothing', () => {
  expect(decidedBy()({ outcome: 'block', json: '{}' })).toEqual({
    outcome: 'block',
    reasons: [],
    advice: [],
    assumed: [],
  })
})

import { expect, test } from 'vitest'
import { answer, load, type Pack } from '../../engine/index.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { withId } from '../with-id.ts'
import { comparing } from './comparing.ts'
import { tallyIn } from './tally.ts'
import { view } from './view.ts'
import { watching } from './watched.ts'

const [live, candidate] = shippedPacks.map(({ pack }) => pack) as [Pack, Pack]
const now = Date.parse('2024-06-15T09:00:00Z')
const told = (pack: Pack) =>
  pack.cases.slice(0, 5).map(({ signIn }) => {
    const body = Buffer.from(JSON.stringify(signIn))
    const { json } = answer(load(pack.ruleSet), body, now) as { readonly json: string }
    return { now, body, text: withId(json, now) }
  })

const silent = () => undefined

test('decisions of another revision than the live one are counted apart, and not compared', () => {
  const watched = watching(1, live.ruleSet, candidate.ruleSet, 0)!
  const comparison = comparing(watched.watch, silent, [], silent, silent)
  comparison.compareAll([...told(candidate), ...told(live)])
  expect(watched.counts.candidate!.compared()).toBe(5)
  expect(tallyIn(watched.watch.tally).get('others')).toBe(5)
  expect(tallyIn(watched.watch.tally).get('handled')).toBe(10)
})

test('what is told while the thread counts on has, for all that it says are compared, what came of them', () => {
  const watched = watching(1, live.ruleSet, candidate.ruleSet, 0)!
  const comparison = comparing(watched.watch, silent, [], silent, silent)
  const counts = watched.counts.candidate!
  const counting = {
    ...counts,
    rules() {
      const told = counts.rules()
      comparison.compareAll(notes)
      return told
    },
  }
  const notes = told(live)
  const { compared } = view({
    live: live.ruleSet,
    candidate: candidate.ruleSet,
    watched: { ...watched, counts: { candidate: counting } },
    full: 0,
    waiting: 0,
    restarts: 0,
  }).candidate!
  expect(compared).toBe(0)
  expect(counts.compared()).toBe(notes.length)
})

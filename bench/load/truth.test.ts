import { expect, test } from 'vitest'
import { measureTruth } from './truth.ts'

const still = { name: 'still', delayMs: 1 }

/** Ended so many milliseconds after the second run, of the closed loop, has begun. */
test.concurrent.each([
  ['while our generator asks', 600],
  ['while autocannon asks', 4_500],
])('ended %s, the rows of the runs before are kept', async (_, afterMs) => {
  const stopping = new AbortController()
  const rows = await measureTruth({
    seconds: 2,
    rates: [20],
    behaviours: [still],
    signal: stopping.signal,
    progress: (text) => {
      if (text.includes('closed')) setTimeout(() => stopping.abort(), afterMs)
    },
  })
  expect(new Set(rows.map(({ loop }) => loop))).toEqual(new Set(['open']))
})

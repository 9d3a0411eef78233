import { expect, test } from 'vitest'
import { limitedBy, type SelfCheck } from './self-check.ts'

const fine: SelfCheck = {
  planned: 10_000,
  behind: 0,
  p99Us: 2_000,
  lateP99Us: 50,
  busy: 0.3,
  eventLoopDelayP99Us: 500,
}

test.each<[string, Partial<SelfCheck>, RegExp | undefined]>([
  ['all is well', {}, undefined],
  ['1% was not sent in time', { behind: 100 }, undefined],
  ['more than 1% was not', { behind: 150 }, /sent only 98\.5% of the planned requests/],
  ['nothing was planned', { planned: 0 }, undefined],
  ['a millisecond late', { lateP99Us: 1_000 }, undefined],
  ['later than that', { lateP99Us: 1_200 }, /late: 1% by more than 1\.20 ms.*at most 1\.00 ms/],
  ['late, but little of what was measured', { lateP99Us: 4_000, p99Us: 40_000 }, undefined],
  ['late, and much of it', { lateP99Us: 4_100, p99Us: 40_000 }, /at most 4\.00 ms/],
  ['rather busy', { busy: 0.85 }, undefined],
  ['too busy', { busy: 0.9 }, /busy 90\.0% of the time, where at most 85\.0%/],
  ['held up a little', { eventLoopDelayP99Us: 5_000 }, undefined],
  ['held up', { eventLoopDelayP99Us: 6_000 }, /held up: 1% of its turns by more than 6\.00 ms/],
  ['held up, beside slow answers', { eventLoopDelayP99Us: 6_000, p99Us: 20_000 }, undefined],
  ['all of it at once: the worst first', { behind: 5_000, busy: 1, lateP99Us: 1e6 }, /only 50\.0%/],
])('when %s', (_, figures, wanted) => {
  const said = limitedBy({ ...fine, ...figures })
  if (wanted) expect(said).toMatch(wanted)
  else expect(said).toBeUndefined()
})

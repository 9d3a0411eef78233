import { expect, test } from 'vitest'
import { places } from './places.ts'

/** Which of some questions, of so many sign-ins each, get places where 8 may wait; a negative one gives them back. */
test.each([
  ['singles have all', [1, 1, 1, 1, 1, 1, 1, 1, 1], '++++++++-'],
  ['batches leave some to singles', [3, 3, 2, 1, 1, 1], '++-++-'],
  ['one batch can not have all', [7, 6], '-+'],
  ['batches are bounded by what singles leave', [1, 1, 1, 6, 5, 1], '+++-+-'],
  ['what is given back can be taken again', [6, -6, 6, 1, 1, -1, 2, 1], '++++++-+'],
])('%s', (_, counts, wanted) => {
  const { take, give, taken } = places(8)
  let all = 0
  const got = counts.map((count) => {
    if (count > 0 && take(count)) return '-'
    if (count < 0) give(-count)
    all += count
    return '+'
  })
  expect([got.join(''), taken()]).toEqual([wanted, all])
})

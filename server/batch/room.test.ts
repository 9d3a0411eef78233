import { expect, test } from 'vitest'
import { room } from './room.ts'

test('who waits has it in the order of asking, and is overtaken by nobody who needs less', async () => {
  const all = room(10)
  const order: string[] = []
  expect(all.take(8)).toBe(true)
  const large = all.wait(5).then(() => order.push('large'))
  const small = all.wait(2).then(() => order.push('small'))
  expect(all.take(1)).toBe(false)
  await new Promise(setImmediate)
  expect(order).toEqual([])
  all.give(3)
  await large
  await new Promise(setImmediate)
  expect(order).toEqual(['large'])
  all.give(5)
  await small
  expect(all.take(3)).toBe(true)
  expect(all.take(1)).toBe(false)
})

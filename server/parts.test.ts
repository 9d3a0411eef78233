import { expect, test } from 'vitest'
import { controlling } from './control.ts'
import { together, type Part } from './parts.ts'

const order: string[] = []
const named = (name: string): Part => ({
  observers: { [name]: 1 },
  status: () => ({ [name]: 'well' }),
  families: () => ({ [`${name}_total`]: { type: 'counter', help: name, samples: [[1]] } }),
  started: () => void order.push(`${name} started`),
  stop: async () => void order.push(`${name} stopped`),
})

test('parts are one: each says what it is, and the last is stopped first', async () => {
  const failures: unknown[] = []
  const broken: Part = { stop: () => Promise.reject(new Error('it hangs')) }
  const all = together([named('a'), broken, named('b')], (error) => void failures.push(error))
  expect(all.observers).toEqual({ a: 1, b: 1 })
  const control = controlling(all.commands, (error) => void failures.push(error))
  expect(await control('status')).toEqual({ told: { a: 'well', b: 'well' } })
  expect(await control('families')).toMatchObject({
    told: { families: { a_total: {}, b_total: {} }, failing: 0 },
  })
  all.started()
  await all.stop()
  expect(order).toEqual(['a started', 'b started', 'b stopped', 'a stopped'])
  expect(failures.map(String)).toEqual(['Error: it hangs'])
})

test('a part that fails to tell its metrics leaves those of the others, and is logged once', async () => {
  const failures: unknown[] = []
  const failing: Part = {
    families: () => {
      throw new Error('no memory')
    },
  }
  const all = together([named('a'), failing, named('b')], (error) => void failures.push(error))
  for (let time = 0; time < 3; time++)
    expect(await all.commands.families!(null)).toMatchObject({
      told: { families: { a_total: {}, b_total: {} }, failing: 1 },
    })
  expect(failures.map(String)).toEqual(['Error: some metrics are left out: Error: no memory'])
})

test('a command of no part is not found, and one that fails is a bug that is told to the log alone', async () => {
  const failures: unknown[] = []
  const failing = controlling({ status: () => Promise.reject(new Error('secret')) }, (error) => {
    failures.push(error)
  })
  expect(await controlling({}, () => undefined)('status')).toMatchObject({ problem: 'not-found' })
  expect(JSON.stringify(await failing('status'))).not.toContain('secret')
  expect(failures).toHaveLength(1)
})

import fc from 'fast-check'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { linesIn, ring, ringMemory, type Ring } from './ring.ts'

const most = 100
const write = (to: Ring, text: string): boolean => {
  const at = to.reserve(text.length + 1, most)
  if (at < 0) return false
  to.bytes.write(`${text}\n`, at, 'latin1')
  to.publish()
  return true
}

test('lines come out whole and in order, each once, however writing and reading take turns', () => {
  const step = fc.oneof(
    fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom('a', 'b', '}') }),
    fc.integer({ min: 1, max: 90 }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const lines = ring(ringMemory(most))
      const [put, got]: [string[], string[]] = [[], []]
      const read = (bytes: number) => {
        const next = lines.next(bytes)
        if (next.length > 0) got.push(...next.toString().slice(0, -1).split('\n'))
        expect(linesIn(next)).toBe(next.toString().split('\n').length - 1)
        lines.taken(next.length)
        return next.length
      }
      for (const each of steps)
        if (typeof each === 'number') read(each)
        else if (write(lines, each)) put.push(each)
        else expect(lines.waiting() + each.length).toBeGreaterThan(most / 2)
      while (read(1_000) > 0);
      expect(got).toEqual(put)
      expect(lines.waiting()).toBe(0)
    }),
  )
})

test('a line that does not fit is refused, and what is reserved but not published is no line', () => {
  const lines = ring(ringMemory(most))
  expect(lines.reserve(most + 1, most)).toBe(-1)
  expect(lines.reserve(most, most)).toBe(0)
  expect(lines.next(most)).toHaveLength(0)
  expect(write(lines, 'whole')).toBe(true)
  expect(lines.next(most).toString()).toBe('whole\n')
})

test('another thread writes while this one reads', async () => {
  const memory = ringMemory(4_096)
  const count = 50_000
  const source = `
    const { workerData } = require('node:worker_threads')
    import(workerData.module).then(({ ring }) => {
      const lines = ring(workerData.memory)
      for (let n = 0; n < ${count};) {
        const text = n + ':' + 'x'.repeat(n % 700) + '\\n'
        const at = lines.reserve(text.length, 4096)
        if (at < 0) continue
        lines.bytes.write(text, at, 'latin1')
        lines.publish()
        n++
      }
    })`
  const module = new URL('./ring.ts', import.meta.url).href
  const worker = new Worker(source, { eval: true, workerData: { memory, module } })
  const lines = ring(memory)
  let n = 0
  while (n < count) {
    const next = lines.next(2_000)
    for (const line of next.toString('latin1').split('\n').slice(0, -1))
      if (line !== `${n}:${'x'.repeat(n % 700)}`) throw new Error(`line ${n} is ${line}`)
      else n++
    lines.taken(next.length)
    if (next.length === 0) await new Promise((resolve) => void setImmediate(resolve))
  }
  await worker.terminate()
  expect(lines.waiting()).toBe(0)
})

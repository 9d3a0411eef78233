import { expect, test } from 'vitest'
import { ring, ringMemory } from './ring.ts'

const note = (number: number) => ({
  now: 1_000 + number,
  body: Buffer.from(`{"number":${number},"${'x'.repeat(number % 97)}":"ü"}`),
  text: `{"told":${number},"${'ä'.repeat(number % 31)}":"€"}`,
})

test('notes come out as they went in, in order, however often the ring comes round', () => {
  const notes = ring(ringMemory(1_024))
  let [put, taken] = [0, 0]
  while (taken < 2_000) {
    for (let each = note(put); notes.put(each.now, each.body, each.text); each = note(put)) put++
    for (const each of notes.take(1 + (taken % 500))) expect(each).toEqual(note(taken++))
  }
  expect(put).toBeGreaterThanOrEqual(taken)
})

test('what there is no room for is not taken, and what waits stays whole', () => {
  const notes = ring(ringMemory(256))
  const { now, body, text } = note(7)
  let put = 0
  while (notes.put(now, body, text)) put++
  expect(put).toBeGreaterThan(0)
  expect(notes.put(now, Buffer.alloc(10_000), text)).toBe(false)
  expect(notes.take(Infinity)).toEqual(Array.from({ length: put }, () => note(7)))
  expect(notes.waiting()).toBe(0)
})

test('what was there before is forgotten when it is cleared', () => {
  const notes = ring(ringMemory(256))
  const { now, body, text } = note(1)
  notes.put(now, body, text)
  notes.clear()
  expect(notes.take(Infinity)).toEqual([])
})

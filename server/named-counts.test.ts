import { expect, test } from 'vitest'
import { bytesFor, namedCounts, sumOfNamed, type Room } from './named-counts.ts'

const room: Room = { names: 4, bytes: 64 }
const memoryOf = (rows: number, of = room) => new SharedArrayBuffer(rows * bytesFor(of))
const all = (memory: SharedArrayBuffer, of = room) =>
  Array.from({ length: memory.byteLength / bytesFor(of) }, (_, row) =>
    namedCounts(memory, row * bytesFor(of), of),
  )

test('threads that place names in orders of their own are summed by name', () => {
  const memory = memoryOf(2)
  const [first, second] = all(memory).map((each) => each.counter())
  for (const name of ['a', 'b', 'b']) first!(name)
  for (const name of ['b', 'c']) second!(name)
  expect(Object.fromEntries(sumOfNamed(all(memory)))).toEqual({ a: 1, b: 3, c: 1 })
})

test('what takes the place of a lost thread goes on counting where it was, whatever is asked first', () => {
  const memory = memoryOf(1)
  const before = all(memory)[0]!.counter('block/')
  before('legacy')
  before('guest')
  const after = all(memory)[0]!.counter('block/')
  for (const name of ['guest', 'new', 'legacy']) after(name)
  before('legacy')
  expect(Object.fromEntries(all(memory)[0]!.all())).toEqual({
    'block/legacy': 3,
    'block/guest': 2,
    'block/new': 1,
  })
})

test('a reader sees names that come later', () => {
  const memory = memoryOf(1)
  const [reader, writer] = [all(memory)[0]!, all(memory)[0]!.counter()]
  expect(reader.all().size).toBe(0)
  writer('ü')
  writer('日本')
  expect(Object.fromEntries(reader.all())).toEqual({ ü: 1, 日本: 1 })
})

test.each([
  ['places', room, ['a', 'b', 'c', 'd', 'e']],
  ['bytes', { names: 10, bytes: 8 }, ['aaaa', 'bbbb', 'c']],
] as const)('without %s left the names that have one go on counting', (_, of, names) => {
  const memory = memoryOf(2, of)
  const [one, other] = all(memory, of)
  const count = one!.counter()
  for (const name of [...names, ...names]) count(name)
  expect(one!.isFull()).toBe(true)
  expect(other!.isFull()).toBe(false)
  expect([...one!.all()]).toEqual(names.slice(0, -1).map((name) => [name, 2]))
  expect(other!.all().size).toBe(0)
})

test.each([
  ['a list, and parts of it', ['ac', 'abc', 'b', 'abcd', 'cd', 'd', 'ad']],
  ['orders that contradict each other', ['ab', 'ba', 'cab', 'bca', 'abc']],
  ['more names than have a place', ['abcdef', 'fedcba', 'ef', 'f']],
])('names in order count as one by one: %s', (_, lists) => {
  const [orderly, single] = [memoryOf(1), memoryOf(1)].map((memory) => all(memory)[0]!)
  const [countAll, count] = [orderly!.orderly(['a', 'c', 'b', 'd']), single!.counter()]
  for (const list of [...lists, ...lists]) {
    countAll(Array.from(list, (fact) => ({ fact })))
    for (const fact of list) count(fact)
  }
  expect(Object.fromEntries(orderly!.all())).toEqual(Object.fromEntries(single!.all()))
})

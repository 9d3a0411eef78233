import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOf } from './lines.ts'

const limit = 12
const texts = fc.array(
  fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'ü', ' ', '\r'), maxLength: 8 }),
    fc.constantFrom('a'.repeat(limit), 'a'.repeat(limit + 1)),
  ),
)

/** What a stream comes to, however it is cut: its lines with their places, up to one that is too long. */
function expected(text: string) {
  const all = text.split('\n').map((line, index) => ({ index, line }))
  const tooLongAt = all.findIndex(({ line }) => Buffer.byteLength(line) > limit)
  const read = tooLongAt < 0 ? all : all.slice(0, tooLongAt)
  return { read: read.filter(({ line }) => line.trim() !== ''), tooLongAt }
}

test('lines are the same however their bytes come in, at most so many at once', () =>
  fc.assert(
    fc.asyncProperty(
      texts,
      fc.array(fc.integer({ min: 0, max: 10 })),
      fc.integer({ min: 1, max: 4 }),
      async (lines, sizes, most) => {
        const bytes = Buffer.from(lines.join('\n'))
        const got = { read: [] as unknown[], tooLongAt: -1 }
        for await (const some of linesOf(partsOf(bytes, sizes), limit, most)) {
          expect(got.tooLongAt).toBe(-1)
          expect(some.lines.length).toBeLessThanOrEqual(most)
          for (const { index, bytes: line } of some.lines)
            got.read.push({ index, line: Buffer.from(line).toString() })
          got.tooLongAt = some.tooLongAt ?? -1
        }
        expect(got).toEqual(expected(lines.join('\n')))
      },
    ),
  ))

test('a line is the same when each of its bytes comes alone', async () => {
  const text = `${'ab'.repeat(1_000)}\n${'cd'.repeat(1_000)}`
  const sizes = Array.from(text, () => 1)
  const got: string[] = []
  for await (const { lines } of linesOf(partsOf(Buffer.from(text), sizes), 2_000, 4))
    got.push(...lines.map(({ bytes }) => Buffer.from(bytes).toString()))
  expect(got).toEqual(text.split('\n'))
})

// oxlint-disable-next-line typescript/require-await -- it stands for a stream
async function* partsOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0
  for (const size of sizes) {
    yield bytes.subarray(from, from + size)
    from += size
  }
  yield bytes.subarray(from)
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { likelyMembersOf, membersOf } from './members.ts'

const most = 1_000
const blanks = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 })
const value = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom(
    '"},{"',
    '[{},{}]',
    '{"a":[{},{}]}',
    '{"\\"":"\\\\"}',
    '{}',
    '"]"',
    '1e999',
    '"ü"',
  ),
)
const texts = (members: readonly Uint8Array[]) =>
  members.map((member) => Buffer.from(member).toString())

/** An array as some writer writes it, mostly with the same blanks between its members. */
const arrays = fc
  .tuple(fc.array(fc.tuple(blanks, value, blanks)), fc.boolean(), blanks, blanks, blanks)
  .map(([members, regular, before, between, after]) => {
    const written = members.map(([left, text, right], index) =>
      regular ? `${index > 0 ? between : ''}${text}` : `${left}${text}${right}`,
    )
    return { body: `${before}[${written.join(',')}]${after}`, written }
  })

describe('the members of an array', () => {
  test('are the texts that it was written from, blanks included', () =>
    fc.assert(
      fc.asyncProperty(arrays, async ({ body, written }) => {
        const cut = await membersOf(Buffer.from(body), most)
        expect(texts(cut!.members)).toEqual(written)
        expect(texts(cut!.members).map((text) => JSON.parse(text) as unknown)).toEqual(
          JSON.parse(body),
        )
      }),
    ))

  test('are those that are likely, if these are JSON', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          arrays.map(({ body }) => body),
          fc.string({
            unit: fc.constantFrom('[', ']', '{', '}', ',', '"', ':', '1', '\\', ' '),
            maxLength: 30,
          }),
          fc
            .array(fc.constantFrom('{}', '{"a":1}', '},{', ',', '[', ']', '"', ' '))
            .map((parts) => `[{},${parts.join('')}]`),
        ),
        async (body) => {
          const likely = likelyMembersOf(Buffer.from(body), most)
          if (likely === undefined || !texts(likely).every(isJson)) return
          expect(texts(likely)).toEqual(texts((await membersOf(Buffer.from(body), most))!.members))
        },
      ),
      { numRuns: 3_000 },
    ))

  test.each([',', ', ', ',\n  ', ' ,'])('are likely found when %j is between them', (between) => {
    const members = ['{"a":{}}', '{"b":"]"}', '{"c":[1,2]}']
    const likely = likelyMembersOf(Buffer.from(` [ ${members.join(between)} ]\n`), most)
    expect(texts(likely!).map((text) => text.trim())).toEqual(members)
  })

  test.each<[string, number | undefined]>([
    ['[]', 0],
    [' [ ] ', 0],
    ['[1]', 1],
    ['[,]', 2],
    ['[1,]', 2],
    ['[{],1]', 2],
    ['[{]},1]', undefined],
    ['[[1,2],{"a":[3,4]}]', 2],
    ['["],["]', 1],
    ['["\\"],"]', 1],
    [`[${'1,'.repeat(most * 2)}1]`, most * 2 + 1],
    [`[${'{},'.repeat(most * 2)}{}]`, most * 2 + 1],
    ['', undefined],
    ['{}', undefined],
    ['1', undefined],
    ['"a"[1]', undefined],
    ['x[1]', undefined],
    ['[1] x', undefined],
    ['[1]]', undefined],
    ['[1', undefined],
    ['["a]', undefined],
    ['["a\\', undefined],
    ['[}]', undefined],
    ['[{},{}', undefined],
  ])('of %s are %s', async (body, count) => {
    const bytes = Buffer.from(body)
    const cut = await membersOf(bytes, most)
    expect(cut?.count).toBe(count)
    expect(cut?.members.length).toBe(count === undefined ? undefined : Math.min(count, most))
    const likely = likelyMembersOf(bytes, most)
    if (likely) expect(likely).toHaveLength(count!)
  })

  test('of a large array are cut over several turns of the event loop', async () => {
    const body = Buffer.from(`[${'1234567,'.repeat(500_000)}1]`)
    let turns = 0
    let over = false
    const count = () => {
      turns++
      if (!over) setImmediate(count)
    }
    setImmediate(count)
    expect((await membersOf(body, most))?.count).toBe(500_001)
    over = true
    expect(turns).toBeGreaterThan(2)
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

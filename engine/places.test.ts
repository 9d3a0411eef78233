import { parse, type ValueNode } from '@humanwhocodes/momoa'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pointerTo } from './fault.ts'
import { placesIn } from './places.ts'

type Loc = ValueNode['loc']

/** Places by pointer as a parser of its own sees them, those of names too. */
function placesOf(text: string) {
  const places: (readonly [pointer: string, part: 'name' | 'value', loc: Loc])[] = []
  const visit = (node: ValueNode, pointer: string): void => {
    places.push([pointer, 'value', node.loc])
    if (node.type === 'Array')
      node.elements.forEach(({ value }, index) => visit(value, pointerTo(pointer, index)))
    if (node.type === 'Object')
      for (const { name, value } of node.members) {
        const at = pointerTo(pointer, name.type === 'String' ? name.value : name.name)
        places.push([at, 'name', name.loc])
        visit(value, at)
      }
  }
  visit(parse(text).body, '')
  return places
}

const name = fc.oneof(fc.string(), fc.constantFrom('a/b', '~', '__proto__', 'a:"b', '[', 'é\\'))
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.constantFrom<unknown>('{"a":1}', '],', -1.5e3, true, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(Object.fromEntries),
  ),
})).value

const space = fc.constantFrom('', ' ', '\n', '\r\n', '\r', '\t\n ')

test('everything stands where a parser sees it, however lines end', () => {
  fc.assert(
    fc.property(json, fc.array(space, { minLength: 3, maxLength: 7 }), (value, spaces) => {
      let at = 0
      const between = () => spaces[at++ % spaces.length]!
      const text = JSON.stringify(value).replace(
        /"(?:[^"\\]|\\.)*"|[[\]{},:]/g,
        (token) => between() + token + between(),
      )
      const locate = placesIn('a.json', text)
      for (const [pointer, part, { start, end }] of placesOf(text))
        expect([pointer, part, locate(pointer, part)]).toEqual([
          pointer,
          part,
          {
            file: 'a.json',
            line: start.line,
            column: start.column,
            length: start.line === end.line ? Math.max(1, end.column - start.column) : 1,
          },
        ])
    }),
  )
})

test.each([
  ['a member that is not there', '/a/c', 6],
  ['an item that is not there', '/a/b/2', 11],
  ['what is inside a number', '/a/b/0/x', 12],
  ['what is beside it all', '/x', 1],
])('%s stands where its parent does', (_, pointer, column) => {
  expect(placesIn('a.json', '{"a":{"b":[1,2]}}')(pointer).column).toBe(column)
})

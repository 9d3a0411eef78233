import { expect, test } from 'vitest'
import { readSource } from './source.ts'

test.each<[what: string, text: string, value: unknown]>([
  ['colons in names and texts', '{"a:b":":{","c":["d:e",{"f":1}]}', undefined],
  ['a byte order mark', '\uFEFF{"a":1}', { a: 1 }],
  ['names that objects have already', '{"__proto__":{"constructor":1}}', undefined],
  ['a text alone', '"a:b"', 'a:b'],
  ['nesting of 64', '['.repeat(64) + ']'.repeat(64), undefined],
])('%s are read as by JSON.parse', (_, text, value) => {
  const read = readSource('a.json', text)
  expect(read).toMatchObject({ file: 'a.json' })
  expect('value' in read && read.value).toEqual(value ?? JSON.parse(text))
})

test.each<[what: string, text: string, pointer: string, place: string]>([
  ['a member given twice', '{"a":1,\n "a":1}', '/a', '2:2'],
  ['one given twice in another spelling', '{"a":1,"\\u0061":2}', '/a', '1:8'],
  ['one given twice in depth', '[{"a":{"b":1,"c":2,"b":3}},{"d":1}]', '/0/a/b', '1:20'],
  [
    'one given twice that objects have already',
    '{"__proto__":1,"__proto__":2}',
    '/__proto__',
    '1:16',
  ],
  ['what is no JSON', '{"a":1,}', '', '1:8'],
  ['nesting of 65', '['.repeat(65) + ']'.repeat(65), '', '1:1'],
])('%s is a fault', (_, text, pointer, place) => {
  const read = readSource('a.json', text)
  const [fault] = 'faults' in read ? read.faults : []
  expect([fault?.pointer, `${fault?.at?.line}:${fault?.at?.column}`]).toEqual([pointer, place])
})

test.each<[text: string, place: string, got: string, hint?: string]>([
  ['{"a":', '1:6', 'the end of the text'],
  ['{"a": 1,\n "b": [1, 2\n\n', '2:12', 'the end of the text'],
  ['', '1:1', 'nothing'],
  ['{\n "a": 1,\n}\n', '3:1', '"}"', 'leave out the comma before it'],
  ['[1, 2,]', '1:7', '"]"', 'leave out the comma before it'],
  ['[1,, 2]', '1:4', '","', 'leave out the comma before it'],
  ['{"a": 1 "b": 2}', '1:9', '"b"', 'is there a comma missing before it?'],
  ['{"a": 1} {', '1:10', '"{"', 'is there a comma missing before it?'],
  ["{'a': 1}", '1:2', `"'"`, 'texts stand in double quotes'],
  ['{a: 1}', '1:2', '"a"'],
  ['[true, nope]', '1:8', '"nope"'],
  ['{"a": {"b": 1}\n', '1:15', 'the end of the text'],
  ['[[1}', '1:4', '"}"'],
  ['{"a": "b', '1:9', 'the end of the text'],
  ['{"a": 1}}', '1:9', '"}"'],
])('%j is no JSON, said in plain words', (text, place, got, hint) => {
  const read = readSource('a.json', text)
  const [fault] = 'faults' in read ? read.faults : []
  const { line, column } = fault!.at!
  expect([`${line}:${column}`, fault!.expected, fault!.got, fault!.hint]).toEqual([
    place,
    'JSON',
    got,
    hint,
  ])
})

test('where something stands is told of values and of names', () => {
  const read = readSource('a.json', '{"a":\n  {"b": [1, 2]}}')
  if ('faults' in read) throw new Error('this is JSON')
  const at = (pointer: string, part?: 'name' | 'value') => {
    const { line, column } = read.locate(pointer, part)
    return `${line}:${column}`
  }
  expect([at('/a/b/1'), at('/a/b', 'name'), at('/a/none'), at('')]).toEqual([
    '2:13',
    '2:4',
    '2:3',
    '1:1',
  ])
})

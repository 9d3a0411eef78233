import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { shippedPacks } from '../packs.ts'

const cases = shippedPacks[0]!.pack.cases.map(({ signIn }) => JSON.stringify(signIn))

/** A sign-in as it should be. */
export const ordinaryBody: fc.Arbitrary<string> = fc.constantFrom(...cases)

const bytesOf = (text: string) => Buffer.from(text)
const spliced = (body: Buffer, at: number, more: Uint8Array) =>
  Buffer.concat([body.subarray(0, at), more, body.subarray(at)])
const deep = (open: string, close: string, depth: number) =>
  open.repeat(depth) + close.repeat(depth)

const strangeNumbers = ['1e999', '-1e999', '99999999999999999999', '-0', '1.5', '01', '0x10', 'NaN']
const strangeMembers = [
  '"user":{},',
  '"__proto__":{"user":{}},',
  '"constructor":{},',
  '"at":"2026-02-30T00:00:00Z",',
  '"":0,',
  '"\\ud800":1,',
  '"us\\u0065r":{"roles":[]},',
  `"x":${deep('[', ']', 5_000)},`,
  `"x":${deep('{"x":', '}', 2_000)},`,
  '/* c */',
  "'a':1,",
]
const strangeBytes = [
  [0x00],
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xe2, 0x82],
].map((bytes) => Buffer.from(bytes))
const strangeTexts = [
  '',
  ' ',
  'null',
  'true',
  '"allow"',
  '[]',
  '{}',
  '{"outcome":"allow"}',
  '1e999',
  '\ufeff{}',
  'outcome=allow',
  deep('[', ']', 20_000),
  deep('{"a":', '}', 10_000),
  `{"user":{"roles":[${'"Global Administrator",'.repeat(2_000)}"User"]}}`,
  'a'.repeat(100_000),
]

type Change = (body: Buffer, at: number) => Buffer

/** One thing that is wrong with a body, or might be. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.constant<Change>((body) => body),
  fc
    .constantFrom(...strangeMembers)
    .map<Change>((text) => (body) => spliced(body, 1, bytesOf(text))),
  fc.constantFrom(...strangeBytes).map<Change>((bytes) => (body, at) => spliced(body, at, bytes)),
  fc.constantFrom(...strangeTexts).map<Change>((text) => () => bytesOf(text)),
  fc
    .constantFrom(...strangeNumbers)
    .map<Change>(
      (number) => (body) => bytesOf(body.toString().replace(/\b\d+\b|true|false/, number)),
    ),
  fc.constant<Change>((body, at) => body.subarray(0, at)),
  fc.constant<Change>((body, at) => Buffer.concat([body, body.subarray(at)])),
  fc.constant<Change>((body) => gzipSync(body)),
  fc.integer({ min: 0, max: 255 }).map<Change>((byte) => (body, at) => {
    const changed = Buffer.from(body)
    if (changed.length > 0) changed[at % changed.length] = byte
    return changed
  }),
  fc.uint8Array({ maxLength: 300 }).map<Change>((bytes) => () => Buffer.from(bytes)),
)

/** A body that is wrong in one or two ways, or not at all. */
export const hostileBody: fc.Arbitrary<Buffer> = fc
  .tuple(ordinaryBody, fc.array(fc.tuple(change, fc.nat(2_000)), { minLength: 1, maxLength: 2 }))
  .map(([text, changes]) =>
    changes.reduce<Buffer>(
      (body, [change, at]) => change(body, Math.min(at, body.length)),
      Buffer.from(text),
    ),
  )

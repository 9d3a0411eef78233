import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import schema from './document.schema.json' with { type: 'json' }
import { jsonReport, readDocument } from './json.ts'
import { samples } from './samples.ts'
import { structureFault, type Schema } from './structure.ts'

const ajv = new Ajv2020({
  strict: true,
  allErrors: true,
  allowUnionTypes: false,
  strictTuples: false,
})
const validate = ajv.compile(schema)
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('the schema of documents', () => {
  test.each(Object.entries(samples))('takes %s, and reading gives it back', (name, document) => {
    validate(asJson(document))
    expect(validate.errors ?? []).toEqual([])
    expect(readDocument(jsonReport(document), name)).toEqual(asJson(document))
  })

  test('names no member that no sample has', () => {
    const seen = new Set<object>()
    const visit = (value: unknown, each: Schema): void => {
      const known = resolved(each)
      if (known.oneOf) {
        const { kind } = value as { kind: string }
        visit(
          value,
          known.oneOf.find((one) => resolved(one).properties?.['kind']?.const === kind)!,
        )
      } else if (Array.isArray(value))
        for (const item of value) {
          if (known.items) visit(item, known.items)
        }
      else if (known.properties)
        for (const [name, member] of Object.entries(value as object)) {
          const own = known.properties[name]!
          seen.add(own)
          visit(member, own)
        }
    }
    for (const document of Object.values(samples)) visit(asJson(document), schema)
    const unseen: string[] = []
    const walk = (each: unknown, at: string): void => {
      if (typeof each !== 'object' || each === null) return
      const { properties } = each as Schema
      for (const [name, own] of Object.entries(properties ?? {})) {
        if (!seen.has(own)) unseen.push(`${at}/${name}`)
        expect(own.$ref ?? own.const ?? (own as { description?: string }).description).toBeTruthy()
      }
      for (const [name, own] of Object.entries(each)) walk(own, `${at}/${name}`)
    }
    walk(schema, '')
    expect(unseen).toEqual([])
  })

  test('refuses and takes what a validator for all of JSON Schema does, whatever is changed', () => {
    const document = asJson(samples['everything'])
    let [taken, refused] = [0, 0]
    const compare = (what: string) => {
      const fault = structureFault(document, schema)
      expect([what, fault === undefined]).toEqual([what, validate(document)])
      if (fault === undefined) taken++
      else refused++
    }
    const change = (holder: Record<string, unknown>, name: string, at: string) => {
      const before = holder[name]
      for (const other of [null, -1, 0.5, 'load', [], {}]) {
        holder[name] = other
        compare(`${at} is ${JSON.stringify(other)}`)
      }
      if (!Array.isArray(holder)) {
        delete holder[name]
        compare(`${at} is missing`)
      }
      holder[name] = before
      if (typeof before !== 'object' || before === null) return
      const own = before as Record<string, unknown>
      if (!Array.isArray(before)) {
        own['surplus'] = 1
        compare(`${at} has a member more`)
        delete own['surplus']
      }
      for (const key of Object.keys(before).slice(0, Array.isArray(before) ? 1 : 99))
        change(own, key, `${at}/${key}`)
    }
    shorten(document)
    const { parts, ...others } = document as { parts: Record<string, unknown>[] }
    for (const name of Object.keys(others)) change(document as typeof others, name, name)
    for (const part of parts.filter((_, index) => index !== 1))
      // the open loop is in the capacity's confirmation
      for (const name of Object.keys(part)) change(part, name, `${String(part['kind'])}/${name}`)
    expect(validate(document)).toBe(true) // all changes were taken back
    expect(taken).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(1_000)
  })
})

/** Lists cut short, in place, so that thousands of changes can be tried. */
function shorten(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value) && !(value as { kind?: string }[])[0]?.kind) value.splice(2)
  for (const member of Object.values(value)) shorten(member)
}

const resolved = (each: Schema): Schema =>
  each.$ref === undefined
    ? each
    : (schema.$defs as Record<string, Schema>)[each.$ref.replace('#/$defs/', '')]!

describe('reading a document', () => {
  const text = jsonReport(samples['one open loop']!)
  test.each([
    ['{', 'result.json is not JSON: '],
    ['[]', 'the document: expected an object, got []'],
    ['{}', '/format: is missing'],
    [
      text.replace('portcullis-bench/1', 'portcullis-bench/2'),
      '/format: expected "portcullis-bench/1", got "portcullis-bench/2"',
    ],
    [
      text.replace('"kind": "load"', '"kind": "lode"'),
      '/parts/0/kind: expected one of "load", "capacity", "layers", "comparison", "peers", "transport", "engine", "targets", "soak", got "lode"',
    ],
    [
      text.replace('"answered": 39886', '"answered": "many"'),
      '/parts/0/result/answered: expected a whole number, got "many"',
    ],
    [text.replace('"headline"', '"headlin"'), '/headline: is missing'],
    [text.replace('"seed": 2026,', '"seed": 2026, "sead": 1,'), '/sead: is not known'],
  ])('says what is wrong: %#', (given, words) => {
    expect(() => readDocument(given, 'result.json')).toThrow(words)
    expect(() => readDocument(given, 'result.json')).toThrow(/^result\.json is not /)
  })
})

/** JSON Schema, as much of it as our answers are described by. */
type Schema = { readonly [keyword: string]: unknown }
type Check = (value: unknown) => string | undefined

/** Says where a value is not as the named schema wants it; undefined where it is. Keywords that are not known here are no answers' own. */
export function shapes(schemas: Readonly<Record<string, Schema>>) {
  const made = new Map<string, Check>()
  return (name: string): Check => namedCheck(name)

  function namedCheck(name: string): Check {
    let check = made.get(name)
    if (check === undefined) {
      const schema = schemas[name]
      if (schema === undefined) throw new TypeError(`no shape is called ${name}`)
      // Schemas refer to themselves, so that what they are made of is only looked up when it is needed.
      let whole: Check | undefined
      check = (value) => (whole ??= checkOf(schema))(value)
      made.set(name, check)
    }
    return check
  }

  function checkOf(schema: Schema): Check {
    const checks = Object.entries(schema).flatMap(([keyword, wanted]) => {
      const make = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined
      if (make === undefined) throw new TypeError(`unknown keyword ${keyword}`)
      return make === inert ? [] : [make(wanted as never, schema, checkOf, namedCheck)]
    })
    return (value) => {
      for (const check of checks) {
        const wrong = check(value)
        if (wrong !== undefined) return wrong
      }
      return undefined
    }
  }
}

type Keyword = (
  wanted: never,
  schema: Schema,
  checkOf: (schema: Schema) => Check,
  named: (name: string) => Check,
) => Check

const inert: Keyword = () => () => undefined
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const typeOf = (value: unknown): readonly string[] => {
  if (value === null) return ['null']
  if (Array.isArray(value)) return ['array']
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number']
  return [typeof value]
}

/** A check of values of one kind; all others pass. */
const ofNumber =
  (holds: (value: number, wanted: number) => boolean, says: string) =>
  (wanted: number): Check =>
  (value) =>
    typeof value !== 'number' || holds(value, wanted) ? undefined : `: expected ${says} ${wanted}`
const ofLength =
  (holds: (length: number, wanted: number) => boolean, says: string) =>
  (wanted: number): Check =>
  (value) =>
    !Array.isArray(value) || holds(value.length, wanted)
      ? undefined
      : `: expected ${says} ${wanted} members`

const keywords: Readonly<Record<string, Keyword>> = {
  $schema: inert,
  title: inert,
  description: inert,
  examples: inert,
  format: inert,
  type: (wanted: string | readonly string[]) => {
    const types = [wanted].flat()
    return (value) =>
      typeOf(value).some((type) => types.includes(type))
        ? undefined
        : `: expected ${types.join(' or ')}`
  },
  enum: (wanted: readonly unknown[]) => (value) =>
    wanted.includes(value) ? undefined : `: expected one of ${wanted.map(String).join(', ')}`,
  const: (wanted: unknown) => (value) =>
    value === wanted ? undefined : `: expected ${String(wanted)}`,
  pattern: (wanted: string) => {
    const form = new RegExp(wanted, 'u')
    return (value) =>
      typeof value !== 'string' || form.test(value) ? undefined : `: expected ${wanted}`
  },
  minLength: (wanted: number) => (value) =>
    typeof value !== 'string' || value.length >= wanted ? undefined : ': expected a text',
  minimum: ofNumber((value, least) => value >= least, 'at least'),
  maximum: ofNumber((value, most) => value <= most, 'at most'),
  minItems: ofLength((length, least) => length >= least, 'at least'),
  maxItems: ofLength((length, most) => length <= most, 'at most'),
  required: (wanted: readonly string[]) => (value) => {
    if (!isObject(value)) return undefined
    const missing = wanted.find((name) => !Object.hasOwn(value, name))
    return missing === undefined ? undefined : `/${missing}: expected, and not there`
  },
  properties: (wanted: Readonly<Record<string, Schema>>, _, checkOf) => {
    const checks = Object.entries(wanted).map(([name, schema]) => [name, checkOf(schema)] as const)
    return (value) => {
      if (!isObject(value)) return undefined
      for (const [name, check] of checks) {
        const wrong = Object.hasOwn(value, name) ? check(value[name]) : undefined
        if (wrong !== undefined) return `/${name}${wrong}`
      }
      return undefined
    }
  },
  additionalProperties: (wanted: Schema, { properties = {} }, checkOf) => {
    const check = checkOf(wanted)
    return (value) => {
      if (!isObject(value)) return undefined
      for (const [name, member] of Object.entries(value)) {
        const wrong = Object.hasOwn(properties as object, name) ? undefined : check(member)
        if (wrong !== undefined) return `/${name}${wrong}`
      }
      return undefined
    }
  },
  items: (wanted: Schema, _, checkOf) => {
    const check = checkOf(wanted)
    return (value) => {
      if (!Array.isArray(value)) return undefined
      for (const [index, member] of value.entries()) {
        const wrong = check(member)
        if (wrong !== undefined) return `/${index}${wrong}`
      }
      return undefined
    }
  },
  allOf: (wanted: readonly Schema[], _, checkOf) => {
    const checks = wanted.map((each) => checkOf(each))
    return (value) => checks.map((check) => check(value)).find((wrong) => wrong !== undefined)
  },
  oneOf: (wanted: readonly Schema[], _, checkOf) => {
    const checks = wanted.map((each) => checkOf(each))
    return (value) => {
      const wrongs = checks.map((check) => check(value))
      const right = wrongs.filter((wrong) => wrong === undefined).length
      return right === 1 ? undefined : right === 0 ? wrongs[0] : ': expected one form, got several'
    }
  },
  $ref: (wanted: string, _schema, _checkOf, named) =>
    named(wanted.replace('#/components/schemas/', '')),
}

/** The part of JSON Schema 2020-12 that `document.schema.json` is written in. */
export type Schema = {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  /** Objects told apart by their `kind`. */
  readonly oneOf?: readonly Schema[]
  readonly $defs?: Readonly<Record<string, Schema>>
}

/**
 * The first thing in a value that is not as the schema says: where it is, what was expected and what came; undefined when all
 * is well. A library for all of JSON Schema would list every branch that did not fit; a test holds this to one.
 */
export function structureFault(value: unknown, schema: Schema): string | undefined {
  return faultIn(value, schema, '')

  function faultIn(value: unknown, given: Schema, at: string): string | undefined {
    const each = resolved(given)
    const wrong = (wanted: string) =>
      `${at === '' ? 'the document' : at}: expected ${wanted}, got ${shown(value)}`
    if ('const' in each && value !== each.const) return wrong(shown(each.const))
    if (each.enum && !each.enum.includes(value))
      return wrong(`one of ${each.enum.map(shown).join(', ')}`)
    if (each.oneOf) return faultOfKind(value, each.oneOf, at, wrong)
    if (each.type && !isOf(each.type, value)) return wrong(names[each.type] ?? each.type)
    if (each.minimum !== undefined && (value as number) < each.minimum)
      return wrong(`at least ${each.minimum}`)
    if (each.maximum !== undefined && (value as number) > each.maximum)
      return wrong(`at most ${each.maximum}`)
    if (Array.isArray(value)) {
      const { prefixItems, items } = each
      if (prefixItems && value.length !== prefixItems.length)
        return wrong(`${prefixItems.length} members`)
      return first(value, (item, index) => {
        const own = prefixItems?.[index] ?? items
        return own && faultIn(item, own, `${at}/${index}`)
      })
    }
    if (each.type === 'object') return faultOfMembers(value as Record<string, unknown>, each, at)
    return undefined
  }

  function faultOfKind(
    value: unknown,
    kinds: readonly Schema[],
    at: string,
    wrong: (wanted: string) => string,
  ): string | undefined {
    if (!isOf('object', value)) return wrong('an object')
    const { kind } = value as { readonly kind?: unknown }
    const known = kinds.map((each) => resolved(each).properties?.['kind']?.const)
    const chosen = kinds[known.indexOf(kind)]
    return chosen === undefined
      ? `${at}/kind: expected one of ${known.map(shown).join(', ')}, got ${shown(kind)}`
      : faultIn(value, chosen, at)
  }

  function faultOfMembers(
    value: Readonly<Record<string, unknown>>,
    { properties = {}, required = [], additionalProperties }: Schema,
    at: string,
  ): string | undefined {
    const missing = required.find((name) => !Object.hasOwn(value, name))
    if (missing !== undefined) return `${at}/${missing}: is missing`
    return first(Object.entries(value), ([name, member]) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
      if (own === false) return `${at}/${name}: is not known`
      return typeof own === 'object' ? faultIn(member, own, `${at}/${name}`) : undefined
    })
  }

  function resolved(each: Schema): Schema {
    return each.$ref === undefined ? each : schema.$defs![each.$ref.replace('#/$defs/', '')]!
  }
}

const names: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
}

const isOf = (type: string, value: unknown): boolean =>
  type === 'object'
    ? typeof value === 'object' && value !== null && !Array.isArray(value)
    : type === 'array'
      ? Array.isArray(value)
      : type === 'integer'
        ? Number.isInteger(value)
        : typeof value === type

const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function first<T>(
  list: readonly T[],
  faultOf: (item: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of list.entries()) {
    const fault = faultOf(item, index)
    if (fault !== undefined) return fault
  }
  return undefined
}

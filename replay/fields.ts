/**
 * The fields of a record under one spelling. The same sign-in is written `clientAppUsed` by Graph, `ClientAppUsed` by Log
 * Analytics, `status` or `Status_dynamic`, flat or inside `properties`: names are compared without case, and without
 * what exports add to them.
 */
export type Fields = ReadonlyMap<string, unknown>

const added = /(?:_dynamic|_string| ?[[(]utc[\])])$/

export function fieldsOf(record: object): Fields {
  const fields = new Map<string, unknown>()
  const add = (part: object) => {
    for (const [name, value] of Object.entries(part)) {
      const plain = name.toLowerCase().trim().replace(added, '')
      const known = fields.get(plain)
      if (known === undefined || isEmpty(known)) fields.set(plain, embedded(value))
    }
  }
  const properties = Object.entries(record).find(
    ([name]) => name.toLowerCase() === 'properties',
  )?.[1] as unknown
  if (typeof properties === 'object' && properties !== null) add(properties) // what it says wins over the wrapper
  add(record)
  return fields
}

/** Log Analytics writes objects as JSON inside strings. */
function embedded(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

const isEmpty = (value: unknown): boolean =>
  value === '' ||
  value === null ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

/** A text or number as text; empty, absent and anything else as undefined. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** A member of an object field, its name compared without case. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([each]) => each.toLowerCase() === name)?.[1]
}

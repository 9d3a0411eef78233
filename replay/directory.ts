import { parse } from 'csv-parse/sync'
import { facts, parseValue } from '../engine/index.ts'

/** What a directory says about a user; what it leaves out is not known. */
export type DirectoryUser = {
  readonly userName?: string
  /** Template ids of active roles. */
  readonly roles?: readonly string[]
  readonly registeredMethods?: readonly string[]
  readonly type?: 'member' | 'guest'
}

export type Directory = {
  /** By object id or user principal name, in lower case. */
  readonly of: (user: string, userName: string | undefined) => DirectoryUser | undefined
  readonly users: number
  /** Whether any of its files says who holds which role: then who is not in them holds none. */
  readonly hasRoles: boolean
  readonly hasMethods: boolean
  /** Values that mean nothing to us, with how often they came. */
  readonly unrecognised: ReadonlyMap<string, number>
}

type Building = {
  userName?: string
  roles?: string[]
  methods?: string[]
  type?: 'member' | 'guest'
}
type Json = Readonly<Record<string, unknown>>

const folded = (name: string) => name.toLowerCase().replaceAll(/[^a-z]/g, '')
const names: Readonly<Record<string, string>> = {
  id: 'id',
  userid: 'id',
  objectid: 'id',
  principalid: 'id',
  userprincipalname: 'userName',
  username: 'userName',
  upn: 'userName',
  methodsregistered: 'methods',
  registeredmethods: 'methods',
  isadmin: 'isAdmin',
  usertype: 'type',
  roles: 'roles',
  role: 'roles',
  roledefinitionid: 'roles',
  roletemplateid: 'roles',
}

/**
 * Reads files that say who is who: Graph's `userRegistrationDetails` and `roleAssignments` (arrays or pages), or CSV with columns of those
 * names, in which lists are divided by `;` or `,`. Several are joined by id or user principal name.
 */
export function readDirectory(
  files: readonly { readonly name: string; readonly text: string }[],
): Directory | { readonly fault: string } {
  const users = new Map<string, Building>()
  const unrecognised = new Map<string, number>()
  let unspecified = 0
  const has = { roles: false, methods: false }
  for (const { name, text } of files) {
    const records = recordsOf(text)
    if (typeof records === 'string') return { fault: `${name}: ${records}` }
    let known = 0
    for (const record of records) if (add(record)) known++
    if (known === 0)
      return {
        fault: `${name}: expected records with an id or userPrincipalName, and methodsRegistered or roles; found none in ${records.length} records`,
      }
  }
  if (!has.roles && unspecified > 0)
    unrecognised.set('isAdmin, which does not say which roles', unspecified)
  return {
    of(user, userName) {
      const found = users.get(user) ?? (userName === undefined ? undefined : users.get(userName))
      if (found === undefined) return undefined
      const { methods, ...rest } = found
      return { ...rest, ...(methods && { registeredMethods: methods }) }
    },
    users: new Set(users.values()).size,
    hasRoles: has.roles,
    hasMethods: has.methods,
    unrecognised,
  }

  function add(record: Json): boolean {
    const found: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(record)) {
      const field = Object.hasOwn(names, folded(name)) ? names[folded(name)] : undefined
      if (field !== undefined && value !== null && value !== '') found[field] ??= value
    }
    const keys = [found['id'], found['userName']]
      .filter((key) => typeof key === 'string')
      .map((key) => key.trim().toLowerCase())
    if (keys.length === 0) return false
    const user = keys.map((key) => users.get(key)).find((each) => each !== undefined) ?? {}
    for (const key of keys) users.set(key, user)
    if (typeof found['userName'] === 'string')
      user.userName = found['userName'].trim().toLowerCase()
    if ('methods' in found) {
      has.methods = true
      user.methods = union(user.methods, valuesIn('user.registeredMethods', found['methods']))
    }
    if ('roles' in found) {
      has.roles = true
      user.roles = union(user.roles, valuesIn('user.roles', found['roles']))
    }
    if (isTrue(found['isAdmin'])) unspecified++
    const type = typeof found['type'] === 'string' ? found['type'].toLowerCase() : undefined
    if (type === 'member' || type === 'guest') user.type = type
    return true
  }

  /** Values of a fact that is a list; those that are none of its are counted. */
  function valuesIn(fact: 'user.roles' | 'user.registeredMethods', given: unknown): string[] {
    const texts = Array.isArray(given) ? given : String(given).split(/[;,]/)
    return texts.flatMap((text: unknown) => {
      const plain = typeof text === 'string' ? text.trim() : text
      if (plain === '' || plain === 'none') return []
      const value = parseValue(facts[fact].kind, [plain], '', () => undefined)
      if (Array.isArray(value)) return value as string[]
      count(`${fact} ${JSON.stringify(plain)}`)
      return []
    })
  }

  function count(what: string): void {
    unrecognised.set(what, (unrecognised.get(what) ?? 0) + 1)
  }
}

const union = (one: readonly string[] = [], other: readonly string[]): string[] =>
  [...new Set([...one, ...other])].sort()

const isTrue = (value: unknown) => value === true || String(value).toLowerCase() === 'true'

function recordsOf(text: string): readonly Json[] | string {
  const clean = text.replace(/^\uFEFF/, '')
  if (!/^\s*[[{]/.test(clean)) {
    try {
      return parse(clean, { columns: true, skipEmptyLines: true, relaxColumnCount: true })
    } catch (error) {
      return `expected JSON or CSV: ${(error as Error).message}`
    }
  }
  let whole: unknown
  try {
    whole = JSON.parse(clean)
  } catch (error) {
    return `expected JSON or CSV: ${(error as Error).message}`
  }
  const list = Array.isArray(whole) ? whole : (whole as { value?: unknown }).value
  return Array.isArray(list)
    ? list.filter((each): each is Json => typeof each === 'object' && each !== null)
    : 'expected an array of records, or a page with a value'
}

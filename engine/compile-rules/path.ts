/**
 * A path into a fact: names of members, one inside the other, `*` for all members. `$` is the empty path.
 * It means what jsonpath-plus 10.4.0 means with `wrap: false`, as json-rules-engine calls it.
 */
export type Path = readonly string[]

const outsideQuotes = String.raw`[^.[\]'"~^;@()#,\u0060]+`
const insideQuotes = String.raw`[^[\]'"~^;@()#,\u0060]+`
const step = String.raw`\.(${outsideQuotes})|\[(${outsideQuotes})\]|\['(${insideQuotes})'\]|\["(${insideQuotes})"\]`
const wholePath = new RegExp(`^${outsideQuotes}(?:${step})*$`)
const steps = new RegExp(step, 'g')
const slice = /^-?\d*:-?\d*:?\d*$/

/**
 * The forms on whose meaning there is no doubt: a first name or `$`, then `.name`, `[name]` or `['name']`, where a name holds
 * no character that jsonpath-plus gives a meaning to. Undefined for all others.
 */
export function parsePath(text: string): Path | undefined {
  if (!wholePath.test(text)) return undefined
  const first = /^[^.[]+/.exec(text)![0]
  const names = Array.from(text.slice(first.length).matchAll(steps), (found) =>
    found.slice(1).find((name) => name !== undefined),
  ) as string[]
  const path = first === '$' ? names : [first, ...names]
  return path.some((name) => name === '$' || slice.test(name)) ? undefined : path
}

/** Reads what is there; undefined where nothing is, an array where the path has a wildcard that met anything. */
export function follow(path: Path): (whole: object) => unknown {
  return path.includes('*') ? (whole) => followAll(path, whole) : (whole) => followOne(path, whole)
}

function followOne(path: Path, whole: object): unknown {
  let value: unknown = whole
  for (const name of path) {
    if (!has(value, name)) return undefined
    value = value[name]
  }
  return value
}

function followAll(path: Path, whole: object): unknown {
  const found: unknown[] = []
  let many = false
  /** After every second name jsonpath-plus takes `*` for a member of that name, if there is one. */
  const visit = (at: number, value: unknown, literally: boolean): void => {
    const name = path[at]
    if (name === undefined) found.push(value)
    else if (name === '*' && !(literally && has(value, name))) {
      const members = membersOf(value)
      if (members.length > 0) many = true
      for (const member of members) visit(at + 1, member, true)
    } else if (has(value, name)) visit(at + 1, value[name], !literally)
  }
  visit(0, whole, false)
  if (found.length === 0) return undefined
  return many ? found : found[0]
}

function has(value: unknown, name: string): value is Readonly<Record<string, unknown>> {
  return Boolean(value) && Object.hasOwn(value as object, name)
}

function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return Array.from(value as unknown[])
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

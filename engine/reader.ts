import { didYouMean, oneOfThese, pointerTo, show, type Fault } from './fault.ts'
import { isObject } from './sign-in.ts'
import type { Source } from './source.ts'

/** Walks one source, checking what it finds; faults carry their place in the file. Nothing here knows about rules. */
export type Reader = ReturnType<typeof reader>

type Members = { readonly required?: readonly string[]; readonly optional?: readonly string[] }

export function reader(source: Source, faults: Fault[]) {
  function fault(
    pointer: string,
    expected: string,
    got: unknown,
    more: { hint?: string; part?: 'name' | 'value'; said?: boolean } = {},
  ): undefined {
    faults.push({
      pointer,
      expected,
      got: more.said ? String(got) : show(got),
      ...(more.hint !== undefined && { hint: more.hint }),
      ...place(pointer, more.part),
    })
  }

  function place(pointer: string, part?: 'name' | 'value') {
    const at = source.locate(pointer, part)
    return at ? { at } : {}
  }

  /** An object with these members and no others. */
  function object(value: unknown, pointer: string, members: Members) {
    if (!isObject(value)) return fault(pointer, 'an object', value)
    const { required = [], optional = [] } = members
    const known = [...required, ...optional]
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue
      const at = pointerTo(pointer, name)
      fault(at, `a member that is known here: ${oneOfThese(known, 20)}`, name, {
        part: 'name',
        ...didYouMean(name, known),
      })
    }
    for (const name of required) {
      if (!Object.hasOwn(value, name))
        fault(pointer, `an object with the member "${name}"`, 'none', { said: true })
    }
    return value
  }

  /** An object whose member names are the author's own. */
  function dictionary(
    value: unknown,
    pointer: string,
  ): readonly (readonly [name: string, value: unknown, pointer: string])[] {
    if (!isObject(value)) {
      fault(pointer, 'an object', value)
      return []
    }
    return Object.entries(value).map(
      ([name, member]) => [name, member, pointerTo(pointer, name)] as const,
    )
  }

  function list(
    value: unknown,
    pointer: string,
  ): readonly (readonly [value: unknown, pointer: string])[] {
    if (!Array.isArray(value)) {
      fault(pointer, 'an array', value)
      return []
    }
    return value.map((member, index) => [member, pointerTo(pointer, index)] as const)
  }

  function text(
    value: unknown,
    pointer: string,
    form?: { pattern: RegExp; expected: string },
  ): string | undefined {
    const right =
      typeof value === 'string' &&
      value.trim() !== '' &&
      (form === undefined || form.pattern.test(value))
    if (right) return value
    return fault(pointer, form?.expected ?? 'a text', value)
  }

  function oneOf<const N extends string>(
    value: unknown,
    pointer: string,
    names: readonly N[],
    what?: string,
  ): N | undefined {
    if ((names as readonly unknown[]).includes(value)) return value as N
    return fault(
      pointer,
      `${what ? `${what}: ` : ''}${oneOfThese(names)}`,
      value,
      didYouMean(value, names),
    )
  }

  /** json-rules-engine's order of evaluation; it never changes what a rule means. */
  function priority(value: unknown, pointer: string): void {
    if (!(Number.isInteger(value) && (value as number) > 0))
      fault(pointer, 'a whole number greater than 0', value)
  }

  return { source, fault, object, dictionary, list, text, oneOf, priority }
}

export const names = {
  kebab: {
    pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
    expected: 'a name in lower case with hyphens, such as "block-legacy"',
  },
  camel: {
    pattern: /^[a-z][A-Za-z0-9]*$/,
    expected: 'a name in camel case, such as "adminMfaRequired"',
  },
  date: {
    pattern: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
    expected: 'a date, such as "2027-01-31"',
  },
} as const

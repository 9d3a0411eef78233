import { resolve } from 'node:path'
import { show } from '../../engine/index.ts'
import type { Setting } from './row.ts'

type Kind = Setting['type']
type Of<K extends Kind> = Extract<Setting, { readonly type: K }>
export type SettingValue = string | number | boolean | readonly string[]
export type JsonSchema = Readonly<Record<string, unknown>>

/** All that is to be known of a kind of setting. */
type KindOf<K extends Kind> = {
  /** Text of a flag or a variable as it would stand in the settings file; what makes no sense is left for `check` to refuse. */
  readonly fromText: (text: string) => unknown
  /** What stands in the settings file, if that is right. */
  readonly check: (setting: Of<K>, given: unknown) => SettingValue | undefined
  readonly expected: (setting: Of<K>) => string
  readonly schema: (setting: Of<K>) => JsonSchema
}

const asIs = (text: string): unknown => text
const oneOf = (choices: readonly string[]) => `one of ${choices.join(', ')}`
const isText = (given: unknown): given is string => typeof given === 'string' && given !== ''
const noControls = '^[^\\u0000-\\u001f\\u007f]+$'
const number = /^-?(?:\d+\.?\d*|\.\d+)$/

const numberOf = (text: string) => (number.test(text) ? Number(text) : text)

const itemsOf = (text: string) => text.split(',').map((item) => item.trim())

const within = (
  { min, max }: { readonly min: number; readonly max: number },
  given: unknown,
): given is number => typeof given === 'number' && given >= min && given <= max

const kinds: { readonly [K in Kind]: KindOf<K> } = {
  text: {
    fromText: asIs,
    check: ({ form }, given) =>
      isText(given) && (form === undefined || form.pattern.test(given)) ? given : undefined,
    expected: ({ form }) => form?.words ?? 'a text',
    schema: ({ form }) => ({
      type: 'string',
      minLength: 1,
      ...(form && { pattern: form.pattern.source }),
    }),
  },
  choice: {
    fromText: asIs,
    check: ({ choices }, given) => choices.find((choice) => choice === given),
    expected: ({ choices }) => oneOf(choices),
    schema: ({ choices }) => ({ enum: choices }),
  },
  flag: {
    fromText: (text) =>
      text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text,
    check: (_, given) => (typeof given === 'boolean' ? given : undefined),
    expected: () => 'true or false',
    schema: () => ({ type: 'boolean' }),
  },
  integer: {
    fromText: numberOf,
    check: (range, given) =>
      within(range, given) && Number.isSafeInteger(given) ? given : undefined,
    expected: ({ min, max }) => `a whole number from ${min} to ${max}`,
    schema: ({ min, max }) => ({ type: 'integer', minimum: min, maximum: max }),
  },
  number: {
    fromText: numberOf,
    check: (range, given) => (within(range, given) ? given : undefined),
    expected: ({ min, max }) => `a number from ${min} to ${max}`,
    schema: ({ min, max }) => ({ type: 'number', minimum: min, maximum: max }),
  },
  path: {
    fromText: asIs,
    check: (_, given) => (isText(given) && !given.includes('\0') ? given : undefined),
    expected: ({ words = [], urls = [], names }) =>
      [
        ...words,
        ...(names ? ['a name'] : []),
        'a path',
        ...urls.map((scheme) => `${scheme}://…`),
      ].join(' or '),
    schema: () => ({ type: 'string', minLength: 1 }),
  },
  url: {
    fromText: asIs,
    check: ({ schemes }, given) =>
      isText(given) && URL.canParse(given) && hasScheme(given, schemes) ? given : undefined,
    expected: ({ schemes }) => `a URL (${schemes.map((scheme) => `${scheme}://…`).join(' or ')})`,
    schema: ({ schemes }) => ({ type: 'string', pattern: `^(?:${schemes.join('|')})://` }),
  },
  secret: {
    fromText: asIs,
    check: (_, given) => (isText(given) && new RegExp(noControls).test(given) ? given : undefined),
    expected: () => 'one line of text',
    schema: () => ({ type: 'string', pattern: noControls }),
  },
  list: {
    fromText: (text) => (text.trimStart().startsWith('[') ? parsed(text) : itemsOf(text)),
    check({ choices }, given) {
      if (!Array.isArray(given) || !given.every(isText)) return undefined
      const right = (item: string) => item.trim() !== '' && (choices?.includes(item) ?? true)
      return given.every(right) ? given : undefined
    },
    expected: ({ choices }) =>
      `a list${choices ? ` of ${choices.join(', ')}` : ''}: with commas, or a JSON array of texts`,
    schema: ({ choices }) => ({
      type: 'array',
      items: choices ? { enum: choices } : { type: 'string', pattern: '\\S' },
    }),
  },
}

export const kindOf = <K extends Kind>(setting: Of<K>): KindOf<K> => kinds[setting.type]

/** What a setting may be, in words. */
export const expectedOf = (setting: Setting): string => kindOf(setting).expected(setting)

/** What came, as a fault shows it: never a secret. */
export const shown = ({ type }: Setting, given: unknown): string =>
  type === 'secret'
    ? 'something else'
    : Array.isArray(given)
      ? JSON.stringify(given).slice(0, 60)
      : show(given)

/** Makes a relative path absolute, from `base`; other values stay. */
export function placed(setting: Setting, value: SettingValue, base: string): SettingValue {
  if (setting.type !== 'path' || typeof value !== 'string') return value
  const { words = [], urls = [], names = false } = setting
  const stays =
    words.includes(value) || hasScheme(value, urls) || (names && /^[^./\\][^/\\]*$/.test(value))
  return stays ? value : resolve(base, value)
}

const hasScheme = (value: string, schemes: readonly string[]) =>
  schemes.some((scheme) => value.toLowerCase().startsWith(`${scheme}://`))

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

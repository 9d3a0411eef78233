/** What a row of the table of settings may say. */
export type Setting = {
  /** Its variable; its flag and its member of the settings file follow from its name. */
  readonly env: string
  readonly help: string
} & (
  | {
      readonly type: 'text'
      readonly default: string
      readonly form?: Form
    }
  | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
  | { readonly type: 'flag'; readonly default: boolean }
  | ({ readonly type: 'integer' } & Range)
  | ({ readonly type: 'number' } & Range)
  | ({ readonly type: 'path'; readonly default: string | undefined } & PathForms)
  | {
      readonly type: 'url'
      readonly default: string | undefined
      readonly schemes: readonly string[]
    }
  /** One line of text that is never shown; from its variable, from the settings file, or from a file of its own, but from no flag. */
  | { readonly type: 'secret'; readonly default: undefined }
  | {
      readonly type: 'list'
      readonly default: readonly string[]
      readonly choices?: readonly string[]
    }
)

type Range = { readonly default: number; readonly min: number; readonly max: number }

/** What a text must look like, and that in words. */
type Form = { readonly pattern: RegExp; readonly words: string }

/** What a path may be instead; all else is made absolute: from the folder of the settings file that says it, else from where one is. */
type PathForms = {
  readonly words?: readonly string[]
  /** URLs of these schemes. */
  readonly urls?: readonly string[]
  /** Names, which have no slash, no backslash and no leading dot. */
  readonly names?: boolean
}

export type Rows = Readonly<Record<string, Setting>>

/** What a setting is read as. */
export type Value<S> = S extends { readonly type: 'flag' }
  ? boolean
  : S extends { readonly type: 'integer' | 'number' }
    ? number
    : S extends { readonly type: 'list' }
      ? readonly string[]
      : S extends { readonly type: 'choice'; readonly choices: readonly (infer C)[] }
        ? C
        : S extends { readonly default: string }
          ? string
          : string | undefined

export function text(env: string, value: string, help: string, form?: Form) {
  return { type: 'text', env, default: value, help, ...(form && { form }) } as const
}

export function choice<const C extends string>(
  env: string,
  value: NoInfer<C>,
  choices: readonly C[],
  help: string,
) {
  return { type: 'choice', env, default: value, choices, help } as const
}

export function flag(env: string, help: string) {
  return { type: 'flag', env, default: false, help } as const
}

export function integer(env: string, value: number, min: number, max: number, help: string) {
  return { type: 'integer', env, default: value, min, max, help } as const
}

export function path<const D extends string | undefined>(
  env: string,
  value: D,
  help: string,
  forms: PathForms = {},
) {
  return { type: 'path', env, default: value, help, ...forms } as const
}

export function number(env: string, value: number, min: number, max: number, help: string) {
  return { type: 'number', env, default: value, min, max, help } as const
}

export function url(
  env: string,
  value: string | undefined,
  schemes: readonly string[],
  help: string,
) {
  return { type: 'url', env, default: value, schemes, help } as const
}

export function secret(env: string, help: string) {
  return { type: 'secret', env, default: undefined, help } as const
}

export function list(
  env: string,
  value: readonly string[],
  help: string,
  choices?: readonly string[],
) {
  return { type: 'list', env, default: value, help, ...(choices && { choices }) } as const
}

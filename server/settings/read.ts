import { resolve } from 'node:path'
import { didYouMean, show } from '../../engine/index.ts'
import { settings, type SettingName, type Settings } from '../settings.ts'
import { exposure } from './exposure.ts'
import { readSettingsFile, readSmallFile, type SettingsFile } from './file.ts'
import { expectedOf, kindOf, placed, shown, type SettingValue } from './kinds.ts'
import { fileOf, flagOf } from './names.ts'
import type { Rows, Setting } from './row.ts'
import { together, type Together } from './together.ts'

/** What was typed: flags as commander reads them, variables, and the folder that relative paths in them start from. */
export type Typed = {
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly folder: string
}

type Read<S, N extends string> = {
  readonly settings: S
  /** Where each setting that is not left at its default was said: a flag, a variable, or a place in the settings file. */
  readonly origins: Readonly<Partial<Record<N, string>>>
}
export type ReadSettings = Read<Settings, SettingName>
type Faults = { readonly faults: readonly string[] }

/** A value as it was given, where, and what relative paths in it start from. */
type Given = {
  readonly value: unknown
  /** As it was typed, before a text became a number or the like. */
  readonly typed?: string
  readonly from: string
  readonly base: string
  /** The settings file that it stands in. */
  readonly file?: SettingsFile
}

const mostSecretBytes = 65_536

/** Settings from flags (they win), variables, the settings file and the defaults; or all that is wrong, and with which of them. */
export function readSettings(
  flags: Typed['flags'],
  environment: Typed['environment'],
  folder = process.cwd(),
): ReadSettings | Faults {
  const read = readRows(settings, { flags, environment, folder }, together)
  return 'faults' in read ? read : (read as unknown as ReadSettings)
}

/** The same for any table. */
export function readRows(
  rows: Rows,
  typed: Typed,
  together: readonly Together[] = [],
): Read<Readonly<Record<string, SettingValue | undefined>>, string> | Faults {
  const config = rows['config'] && typedValue('config', rows['config'], typed)
  const file = config && readSettingsFile(String(config.value), typed.folder, config.from, rows)
  const faults = [...(file?.faults ?? [])]
  const values: Record<string, SettingValue | undefined> = {}
  const origins: Record<string, string> = {}
  const wrong = new Set<string>()
  for (const [name, setting] of Object.entries(rows)) {
    const read = readSetting(name, setting, typed, file)
    if (read !== undefined && 'fault' in read) {
      faults.push(read.fault)
      wrong.add(name)
    }
    values[name] = read !== undefined && 'value' in read ? read.value : setting.default
    if (read !== undefined) origins[name] = read.from
  }
  for (const { of, wrong: problem } of together) {
    if (file?.faults.length || of.some((name) => wrong.has(name))) continue // they may be meant otherwise
    const said = problem(values as unknown as Settings)
    const from = of.flatMap((name) => origins[name] ?? []).join(' with ')
    if (said !== undefined) faults.push(`${from || of.map(flagOf).join(' with ')}: ${said}`)
  }
  return faults.length > 0 ? { faults } : { settings: values, origins }
}

function readSetting(
  name: string,
  setting: Setting,
  typed: Typed,
  file: SettingsFile | undefined,
):
  | { readonly from: string; readonly value: SettingValue }
  | { readonly from: string; readonly fault: string }
  | undefined {
  const named = setting.type === 'secret' ? secretFile(name, setting, typed, file) : undefined
  const own = typedValue(name, setting, typed) ?? fileValue(name, file)
  if (named && own)
    return {
      from: own.from,
      fault: `${own.from}: expected the secret or a file with it, got both (${named.from})`,
    }
  if (named) return readSecret(setting, named)
  if (own === undefined) return undefined
  const { value, from, base, typed: text } = own
  const checked = kindOf(setting).check(setting, value)
  if (checked === undefined)
    return {
      from,
      fault: `${from}: expected ${expectedOf(setting)}, got ${shown(setting, text ?? value)}${kubernetes(value)}`,
    }
  const exposed = setting.type === 'secret' && own.file && exposure(own.file.path)
  if (exposed) return { from, fault: `${from}: ${exposed}` }
  return { from, value: placed(setting, checked, base) }
}

/** A flag or a variable; a variable that is empty counts as left out, as is usual, but a flag does not. */
function typedValue(
  name: string,
  setting: Setting,
  { flags, environment, folder }: Typed,
): Given | undefined {
  const { fromText } = kindOf(setting)
  const flag = setting.type === 'secret' ? undefined : flags[name]
  if (typeof flag === 'boolean') return { value: flag, from: flagOf(name), base: folder }
  if (flag !== undefined)
    return { value: fromText(flag), typed: flag, from: flagOf(name), base: folder }
  const variable = environment[setting.env]
  return variable === undefined || variable === ''
    ? undefined
    : { value: fromText(variable), typed: variable, from: setting.env, base: folder }
}

function fileValue(name: string, file: SettingsFile | undefined): Given | undefined {
  const member = file?.members.get(name)
  return file && member && { ...member, base: file.base, file }
}

/** The path of a file that holds a secret, as a setting of its own would be given. */
function secretFile(
  name: string,
  { env, help }: Setting,
  typed: Typed,
  file: SettingsFile | undefined,
): Given | undefined {
  const { name: fileName, env: fileEnv } = fileOf(name, env)
  const path: Setting = { type: 'path', env: fileEnv, default: undefined, help }
  return typedValue(fileName, path, typed) ?? fileValue(fileName, file)
}

function readSecret(setting: Setting, { value, from, base }: Given) {
  if (typeof value !== 'string' || value === '')
    return { from, fault: `${from}: expected a path, got ${show(value)}` }
  const path = resolve(base, value)
  const read = readSmallFile(path, mostSecretBytes)
  const problem = 'problem' in read ? read.problem : exposure(path)
  if (problem !== undefined) return { from, fault: `${from}: ${problem}` }
  const secret = kindOf(setting).check(setting, 'text' in read && read.text.replace(/\r?\n$/, ''))
  return secret === undefined
    ? { from, fault: `${from}: expected a file with one line of text, got something else: ${path}` }
    : { from, value: secret }
}

/** A cluster tells its programs of a service of the name "portcullis" by a variable that looks like one of ours. */
const kubernetes = (value: unknown) =>
  typeof value === 'string' && value.startsWith('tcp://')
    ? ' (Kubernetes sets it for a service called portcullis: enableServiceLinks: false keeps it from that)'
    : ''

/** Variables that look like settings and are none, surely misspelt: what to say of each. */
export function unknownVariables(
  environment: Typed['environment'],
  rows: Rows = settings,
): readonly string[] {
  const known = Object.entries(rows).flatMap(([name, { type, env }]) =>
    type === 'secret' ? [env, fileOf(name, env).env] : [env],
  )
  return Object.keys(environment)
    .filter((name) => name.startsWith('PORTCULLIS_') && !known.includes(name))
    .map((name) => {
      const { hint } = didYouMean(name, known)
      return `${name} is no setting${hint ? `: ${hint}` : ''}`
    })
}

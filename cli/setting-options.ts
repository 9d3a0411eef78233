import { Option } from 'commander'
import { areas, fileOf, flagOf, type Setting } from '../server/settings.ts'

/** A flag for each setting, by area. They are read as text: `readSettings` checks them and says what it expected. */
export const settingOptions = (): readonly Option[] =>
  Object.entries(areas).flatMap(([area, rows]) =>
    Object.entries(rows).flatMap(([name, setting]) =>
      optionsOf(name, setting).map((option) => option.helpGroup(`${area}:`)),
    ),
  )

function optionsOf(name: string, setting: Setting): readonly Option[] {
  const { type, env, help } = setting
  if (type === 'secret') {
    const file = fileOf(name, env)
    return [
      new Option(
        `${flagOf(file.name)} <file>`,
        `file with it: ${help} (or ${file.env}, or the secret itself in ${env})`,
      ),
    ]
  }
  const value = { flag: '', integer: ' <n>', number: ' <n>', list: ' <a,b>' } as const
  const shown = type in value ? value[type as keyof typeof value] : ` <${name}>`
  const option = new Option(`${flagOf(name)}${shown}`, `${help} (${defaultOf(setting)}or ${env})`)
  return type === 'flag'
    ? [option, new Option(`--no-${flagOf(name).slice(2)}`).hideHelp()]
    : [option]
}

function defaultOf({ default: value }: Setting): string {
  if (value === undefined || value === '') return ''
  return `default: ${Array.isArray(value) ? value.join(',') || 'none' : String(value)}, `
}

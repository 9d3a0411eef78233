import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { didYouMean } from '../../engine/index.ts'
import { parseProfile, type Known, type ParsedProfile } from './parse.ts'

const folder = import.meta.dirname
const schema = 'profile.schema.json'

/** Names of the profiles that come with Portcullis. */
export function profileNames(): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== schema)
    .map((name) => basename(name, '.json'))
    .sort()
}

/**
 * A profile by its name, or of a file. A file that happens to be called like a profile never takes its place; `./name`
 * means that file.
 */
export function readProfile(nameOrFile: string): ParsedProfile {
  const names = profileNames()
  const file = names.includes(nameOrFile) ? join(folder, `${nameOrFile}.json`) : nameOrFile
  if (!existsSync(file) || !statSync(file).isFile())
    return {
      faults: [
        {
          pointer: '',
          expected: `a file, or one of the profiles ${names.join(', ')}`,
          got: JSON.stringify(nameOrFile),
          ...didYouMean(nameOrFile, names),
        },
      ],
    }
  return parseProfile(shown(file), readFileSync(file, 'utf8'), builtIn)
}

/** Profiles are made of those that come with Portcullis. */
const builtIn: Known = (name) => {
  const names = profileNames()
  if (!names.includes(name)) return { names }
  const file = join(folder, `${name}.json`)
  return { file: shown(file), text: readFileSync(file, 'utf8') }
}

const shown = (file: string): string => relative(process.cwd(), resolve(file)) || file

import {
  didYouMean,
  parsePack,
  type Pack,
  type PackSource,
  type ParsedPack,
} from '../engine/index.ts'
import { packFolder, packNames, readPack } from '../rules/index.ts'
import { settings } from '../server/settings.ts'
import { framed } from './frame.ts'
import { plural, UsageError, type Io } from './io.ts'

/** A pack by name or folder, or its faults. */
export const loadPack = (nameOrFolder: string): ParsedPack => parsePack(packSource(nameOrFolder))

/** The files of a pack by name or folder. */
export function packSource(nameOrFolder: string): PackSource {
  const folder = packFolder(nameOrFolder)
  if (folder === undefined) {
    const names = packNames()
    const { hint } = didYouMean(nameOrFolder, names)
    throw new UsageError(
      `no pack ${JSON.stringify(nameOrFolder)}: expected a folder, or one of ${names.join(', ')}${hint ? ` (${hint})` : ''}`,
    )
  }
  return readPack(folder)
}

/** For commands that need a pack to do anything; without a name, the one that the settings say. */
export function mustLoadPack(given: string | undefined, io: Io): Pack {
  const nameOrFolder = given ?? (io.env[settings.pack.env] || settings.pack.default)
  return mustParse(packSource(nameOrFolder), nameOrFolder, io)
}

/** A pack of files that were read, or its faults and an end. */
export function mustParse(source: PackSource, nameOrFolder: string, io: Io): Pack {
  const pack = parsePack(source)
  if (!pack.faults) return pack
  io.err(framed(pack.faults, io))
  throw new UsageError(
    `the pack ${JSON.stringify(nameOrFolder)} has ${plural(pack.faults.length, 'fault')}; nothing was done`,
  )
}

import {
  load,
  parsePack,
  faultText,
  type Loaded,
  type Pack,
  type PackSource,
} from '../engine/index.ts'
import { packFolder, packNames, readPack } from '../rules/index.ts'

/** The shipped packs, ready to decide. */
export const shippedPacks: readonly {
  readonly name: string
  readonly source: PackSource
  readonly pack: Pack
  readonly loaded: Loaded
}[] = packNames().map((name) => {
  const source = readPack(packFolder(name)!)
  const pack = parsePack(source)
  if (pack.faults) throw new Error(pack.faults.map(faultText).join('\n'))
  return { name, source, pack, loaded: load(pack.ruleSet) }
})

/** A pack made of files given as values. */
export function packOf(files: Readonly<Record<string, unknown>>, name = 'made') {
  const manifest = {
    id: name,
    title: 'Made',
    description: 'Made by a test',
    controls: { someControl: 'Something' },
    sources: { 'some-document': { title: 'Some document', date: '2024' } },
  }
  const texts = Object.entries({ 'pack.json': manifest, ...files }).map(([path, value]) => [
    path,
    typeof value === 'string' ? value : JSON.stringify(value, null, 2),
  ])
  return { name, folder: name, files: Object.fromEntries(texts) as Record<string, string> }
}

import { didYouMean, oneOfThese, pointerTo, show, type Fault } from './fault.ts'
import { names, reader, type Reader } from './reader.ts'
import { isRuleFile } from './rule.ts'
import { emptySource, type readSource } from './source.ts'

/** A pack as it lies in a folder: texts by path, nothing looked at. What `rules/index.ts` reads. */
export type PackSource = {
  /** Name of the folder, and of the pack. */
  readonly name: string
  /** The folder as faults should name it. */
  readonly folder: string
  /** Texts by path inside the folder: `pack.json`, `conditions.json`, `rules/block-legacy.json`, … */
  readonly files: Readonly<Record<string, string>>
  /** The pack that this one extends, where its folder was found. */
  readonly base?: PackSource
  /** What somebody signed about the pack. It is about the files, and none of them. */
  readonly attestation?: string
}

export type Document = { readonly title: string; readonly date: string; readonly url?: string }

/** What an overlay replaces of its base. One that loosens needs an owner and a date on which it is looked at again. */
export type Override = {
  /** `rules/NAME`, `conditions/NAME`, `lists/NAME`, `facts/NAME`, `assumptions/FACT` or `invariants/NAME`. */
  readonly what: string
  readonly loosens: boolean
  /** Takes it out instead of putting something in its place. */
  readonly removes?: true
  readonly reason: string
  readonly owner?: string
  readonly expires?: string
}

/** Something that a pack defines under a name, and where. */
export type Definition = {
  readonly reader: Reader
  readonly input: unknown
  readonly pointer: string
}

const packFiles = [
  'pack.json',
  'facts.json',
  'conditions.json',
  'lists.json',
  'cases.json',
  'invariants.json',
]

export type Layer = {
  readonly manifest: Reader
  readonly id: string
  readonly title: string
  readonly description: string
  readonly extends?: string
  readonly controls: Readonly<Record<string, string>>
  readonly sources: Readonly<Record<string, Document>>
  readonly overrides: readonly Override[]
  readonly files: ReadonlyMap<string, Reader>
  readonly definitions: Readonly<Record<Part, ReadonlyMap<string, Definition>>>
}

const parts = ['facts', 'conditions', 'lists', 'rules', 'assumptions', 'invariants'] as const
type Part = (typeof parts)[number]

const packMembers = {
  required: ['id', 'title', 'description', 'controls', 'sources'],
  optional: ['$schema', 'extends', 'assumptions', 'overrides'],
}

/** One folder: its manifest read, the rest only cut up into named definitions. */
export function readLayer(source: PackSource, readFile: typeof readSource, faults: Fault[]): Layer {
  const files = new Map<string, Reader>()
  for (const [path, text] of Object.entries(source.files)) {
    const file = `${source.folder}/${path}`
    if (!packFiles.includes(path) && !isRuleFile(path)) {
      const at = { file, line: 1, column: 1, length: 1 }
      faults.push({
        pointer: '',
        expected: `a file of a pack: ${oneOfThese(packFiles)}, or rules/NAME.json`,
        got: show(path),
        ...didYouMean(path, packFiles),
        at,
      })
      continue
    }
    const read = readFile(file, text)
    if ('faults' in read) faults.push(...read.faults)
    else files.set(path, reader(read, faults))
  }
  const manifest =
    files.get('pack.json') ?? reader(emptySource(`${source.folder}/pack.json`), faults)
  if (source.files['pack.json'] === undefined)
    manifest.fault('', 'a pack: a folder with a pack.json', 'none', { said: true })
  const pack = files.has('pack.json')
    ? (manifest.object(manifest.source.value, '', packMembers) ?? {})
    : {}
  const text = (member: string) =>
    Object.hasOwn(pack, member) ? (manifest.text(pack[member], `/${member}`) ?? '') : ''
  const id = text('id')
  if (id !== '' && id !== source.name)
    manifest.fault('/id', `the name of the folder, "${source.name}"`, id)
  const base = Object.hasOwn(pack, 'extends') ? text('extends') : undefined
  if (base !== undefined && base !== '' && source.base === undefined)
    manifest.fault(
      '/extends',
      'a pack that can be found beside this one or among the built-in ones, and that does not extend this one',
      base,
    )

  return {
    manifest,
    id,
    title: text('title'),
    description: text('description'),
    ...(base !== undefined && { extends: base }),
    controls: Object.fromEntries(
      manifest
        .dictionary(pack['controls'] ?? {}, '/controls')
        .map(([name, value, at]) => [name, manifest.text(value, at) ?? '']),
    ),
    sources: Object.fromEntries(
      manifest
        .dictionary(pack['sources'] ?? {}, '/sources')
        .map(([name, value, at]) => [name, parseDocument(manifest, value, at)]),
    ),
    overrides: manifest
      .dictionary(pack['overrides'] ?? {}, '/overrides')
      .flatMap(([what, value, at]) => parseOverride(manifest, what, value, at) ?? []),
    files,
    definitions: {
      facts: definitionsOf(files.get('facts.json')),
      conditions: definitionsOf(files.get('conditions.json')),
      lists: definitionsOf(files.get('lists.json')),
      invariants: definitionsOf(files.get('invariants.json')),
      rules: new Map(
        [...files].flatMap(([path, each]) =>
          isRuleFile(path)
            ? [
                [
                  path.slice('rules/'.length, -'.json'.length),
                  { reader: each, input: each.source.value, pointer: '' },
                ] as const,
              ]
            : [],
        ),
      ),
      assumptions: new Map(
        manifest
          .dictionary(pack['assumptions'] ?? {}, '/assumptions')
          .map(([fact, input, pointer]) => [fact, { reader: manifest, input, pointer }] as const),
      ),
    },
  }
}

function definitionsOf(file: Reader | undefined): ReadonlyMap<string, Definition> {
  if (file === undefined) return new Map()
  const definitions = file.dictionary(file.source.value, '').filter(([name]) => name !== '$schema')
  return new Map(
    definitions.map(([name, input, pointer]) => [name, { reader: file, input, pointer }]),
  )
}

/**
 * Later layers add, replace and remove by name. What they change of their base they must own up to under "overrides", so
 * that nobody loosens by accident. `strict` leaves out what the last layer says loosens. `given` is what there is before the first layer: the fact table's own assumptions.
 */
export function merge(
  layers: readonly Layer[],
  part: Part,
  how: 'whole' | 'strict',
  given: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, Definition> {
  const merged = new Map<string, Definition>()
  for (const [depth, { manifest, overrides, definitions }] of layers.entries()) {
    const isLast = depth === layers.length - 1
    const loosening = new Set(
      how === 'strict' && isLast
        ? overrides.filter(({ loosens }) => loosens).map(({ what }) => what)
        : [],
    )
    const own = new Map(
      [...definitions[part]].filter(([name]) => !loosening.has(`${part}/${name}`)),
    )
    const isBase = (name: string) => merged.has(name) || (depth > 0 && given.has(name))
    const declared = new Map(
      overrides.flatMap((each) =>
        each.what.startsWith(`${part}/`) && !loosening.has(each.what) ? [[each.what, each]] : [],
      ),
    )
    for (const [what, { removes, loosens }] of declared) {
      const name = what.slice(part.length + 1)
      const complain = (expected: string) =>
        manifest.fault(pointerTo('/overrides', what), expected, what, { part: 'name' })
      if (!isBase(name)) complain('something of the base pack')
      else if (removes && own.has(name))
        complain('something that is removed, or replaced, and not both')
      else if (!removes && !own.has(name))
        complain('something that this pack replaces; add "removes": true to take it out')
      else if (part === 'invariants' && !loosens)
        complain('"loosens": true, since a promise of the base pack is given up')
      else if (removes) merged.delete(name)
    }
    for (const [name, definition] of own) {
      const what = `${part}/${name}`
      if (isBase(name) && !declared.has(what))
        definition.reader.fault(
          definition.pointer,
          `an entry "${what}" under "overrides" in pack.json`,
          'none',
          { said: true, part: 'name', hint: 'it replaces what the base pack says; say why' },
        )
      merged.set(name, definition)
    }
  }
  return merged
}

function parseDocument(manifest: Reader, input: unknown, at: string): Document {
  const given = manifest.object(input, at, { required: ['title', 'date'], optional: ['url'] }) ?? {}
  const text = (member: string) =>
    Object.hasOwn(given, member) ? (manifest.text(given[member], pointerTo(at, member)) ?? '') : ''
  return {
    title: text('title'),
    date: text('date'),
    ...(Object.hasOwn(given, 'url') && { url: text('url') }),
  }
}

function parseOverride(
  manifest: Reader,
  what: string,
  input: unknown,
  at: string,
): Override | undefined {
  if (!parts.some((part) => what.startsWith(`${part}/`)))
    return manifest.fault(at, parts.map((part) => `${part}/NAME`).join(', '), what, {
      part: 'name',
    })
  const given = manifest.object(input, at, {
    required: ['loosens', 'reason'],
    optional: ['removes', 'owner', 'expires'],
  })
  if (given === undefined) return undefined
  const { loosens } = given
  if (given['removes'] !== undefined && given['removes'] !== true)
    manifest.fault(pointerTo(at, 'removes'), 'true, or nothing', given['removes'])
  if (typeof loosens !== 'boolean')
    return manifest.fault(pointerTo(at, 'loosens'), 'true or false', loosens)
  if (loosens)
    for (const member of ['owner', 'expires'])
      if (!Object.hasOwn(given, member))
        manifest.fault(at, `"${member}", since this override loosens its base`, 'none', {
          said: true,
        })
  const reason = manifest.text(given['reason'], pointerTo(at, 'reason'))
  const owner =
    given['owner'] === undefined ? undefined : manifest.text(given['owner'], pointerTo(at, 'owner'))
  const expires =
    given['expires'] === undefined
      ? undefined
      : manifest.text(given['expires'], pointerTo(at, 'expires'), names.date)
  if (expires !== undefined && !isDay(expires))
    manifest.fault(pointerTo(at, 'expires'), 'a day that exists', expires)
  return reason === undefined
    ? undefined
    : {
        what,
        loosens,
        ...(given['removes'] === true && { removes: true as const }),
        reason,
        ...(owner && { owner }),
        ...(expires && { expires }),
      }
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

import {
  facts,
  parseValue,
  pointerTo,
  reader as readerOf,
  readSource,
  type Fault,
  type Reader,
} from '../../engine/index.ts'
import { drawableFacts, parseFacts, parseWeight } from './parse-draw.ts'
import { parseArrivals, parseCount, parseForm, parsePeople, parseShare } from './parse-members.ts'
import type { Draw, Kind, Part, People, Profile } from './profile.ts'

export type ParsedProfile =
  | (Profile & { readonly faults?: never })
  | { readonly faults: readonly Fault[] }

/** What a profile may take from another: `like` all but the kinds, `parts` everything. */
export type Known = (
  name: string,
) => { readonly file: string; readonly text: string } | { readonly names: readonly string[] }

/** What kinds are drawn from when they say nothing else. */
type Ground = {
  readonly at: number
  readonly people: People
  readonly common: ReadonlyMap<string, Draw>
  readonly refused: number
}

const noGround: Ground = {
  at: Date.UTC(2026, 10, 23, 9),
  people: { tenants: 1, users: 1_000, addresses: 200, skew: 1 },
  common: new Map(),
  refused: 0,
}

const contents = ['kinds', 'parts', 'from'] as const
const optional = [
  '$schema',
  'questions',
  'form',
  'like',
  'at',
  'people',
  'common',
  'refused',
  'arrivals',
]

/** Reads a profile, and those that it is made of, or says all that is wrong with it. */
export function parseProfile(
  file: string,
  text: string,
  known: Known,
  above: readonly string[] = [],
): ParsedProfile {
  const read = readLayer(file, text, known, above)
  return 'faults' in read ? read : read.profile
}

type Layer = { readonly profile: Profile; readonly ground: Ground }

function readLayer(
  file: string,
  text: string,
  known: Known,
  above: readonly string[],
): Layer | { readonly faults: readonly Fault[] } {
  const source = readSource(file, text)
  if ('faults' in source) return source
  const faults: Fault[] = []
  const reader = readerOf(source, faults)
  const given = reader.object(source.value, '', {
    required: ['name', 'description'],
    optional: [...optional, ...contents],
  })
  if (given === undefined) return { faults }
  const name = reader.text(given['name'], '/name', {
    pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
    expected: 'a name in lower case with hyphens, such as "office-morning"',
  })
  const description = reader.text(given['description'], '/description')
  const found = contents.filter((each) => Object.hasOwn(given, each))
  if (found.length !== 1)
    reader.fault('', 'one of "kinds", "parts" and "from"', found.join(' and ') || 'none', {
      said: true,
    })

  const other = (value: unknown, pointer: string) =>
    readOther(reader, value, pointer, known, [...above, file], faults)
  const like = given['like'] === undefined ? undefined : other(given['like'], '/like')
  const ground = parseGround(reader, given, like?.ground ?? noGround)
  const questions =
    given['questions'] === undefined
      ? undefined
      : parseCount(reader, given, '', 'questions', 100_000)
  const form = parseForm(reader, given['form'], '/form')
  const arrivals = parseArrivals(reader, given['arrivals'])
  const own = { name: name ?? '', weight: 1, form }
  const parts: readonly Part[] =
    found[0] === 'parts'
      ? parseParts(reader, given['parts'], other)
      : found[0] === 'from'
        ? parseFrom(reader, given['from'], own)
        : parseKinds(reader, given['kinds'], ground, own)
  const [first, ...rest] = parts
  if (faults.length > 0 || first === undefined || name === undefined || description === undefined)
    return { faults }
  const fromCases = parts.every(({ source }) => source === 'cases')
  const count = questions ?? (fromCases ? undefined : 2_000)
  return {
    ground,
    profile: {
      name,
      description,
      ...(count !== undefined && { questions: count }),
      parts: [first, ...rest],
      ...(arrivals && { arrivals }),
    },
  }
}

/** Another profile by its name. */
function readOther(
  reader: Reader,
  name: unknown,
  pointer: string,
  known: Known,
  above: readonly string[],
  faults: Fault[],
): Layer | undefined {
  if (typeof name !== 'string') return reader.fault(pointer, 'the name of a profile', name)
  const found = known(name)
  if ('names' in found)
    return void reader.oneOf(name, pointer, found.names, 'the name of a profile')
  if (above.includes(found.file))
    return reader.fault(pointer, 'a profile that does not lead back to this one', name)
  const read = readLayer(found.file, found.text, known, above)
  if (!('faults' in read)) return read
  faults.push(...read.faults)
  return undefined
}

function parseGround(reader: Reader, given: Json, base: Ground): Ground {
  const at =
    given['at'] === undefined
      ? base.at
      : (parseValue(facts.at.kind, given['at'], '/at', ({ pointer, expected, got }) =>
          reader.fault(pointer, expected, got, { said: true }),
        ) as number | undefined)
  const own =
    given['common'] === undefined
      ? new Map<string, Draw>()
      : parseFacts(reader, given['common'], '/common')
  return {
    at: at ?? base.at,
    people: parsePeople(reader, given['people'], base.people),
    common: layered(base.common, own),
    refused: parseShare(reader, given['refused'], '/refused', 0),
  }
}

type Json = Readonly<Record<string, unknown>>
type Own = Pick<Part, 'name' | 'weight' | 'form'>

function parseKinds(reader: Reader, input: unknown, ground: Ground, own: Own): readonly Part[] {
  const kinds = reader
    .list(input ?? [], '/kinds')
    .flatMap(([kind, pointer]) => parseKind(reader, kind, pointer, ground) ?? [])
  const [first, ...rest] = kinds
  if (first === undefined) {
    if (Array.isArray(input) && input.length === 0)
      reader.fault('/kinds', 'at least one kind of sign-in', input)
    return []
  }
  const { at, people } = ground
  return [{ ...own, source: { at, people, kinds: [first, ...rest] } }]
}

function parseKind(
  reader: Reader,
  input: unknown,
  pointer: string,
  ground: Ground,
): Kind | undefined {
  const given = reader.object(input, pointer, {
    required: ['name', 'weight'],
    optional: ['facts', 'refused'],
  })
  if (given === undefined) return undefined
  const name = reader.text(given['name'], pointerTo(pointer, 'name'))
  const weight = parseWeight(reader, given['weight'], pointerTo(pointer, 'weight'))
  const refused = parseShare(
    reader,
    given['refused'],
    pointerTo(pointer, 'refused'),
    ground.refused,
  )
  const own = parseFacts(reader, given['facts'] ?? {}, pointerTo(pointer, 'facts'))
  if (name === undefined || weight === undefined) return undefined
  return { name, weight, refused, facts: inOrder([...layered(ground.common, own)]) }
}

/** A client application is given by its class or by its name: what is said above takes the place of either. */
function layered(
  common: ReadonlyMap<string, Draw>,
  own: ReadonlyMap<string, Draw>,
): ReadonlyMap<string, Draw> {
  const client = ['client.app', 'client.clientAppUsed']
  const replaced = client.some((fact) => own.has(fact)) ? client : []
  return new Map([...[...common].filter(([fact]) => !replaced.includes(fact)), ...own])
}

const inOrder = (draws: readonly (readonly [string, Draw])[]): Kind['facts'] => {
  const place = (fact: string) =>
    drawableFacts.includes(fact) ? drawableFacts.indexOf(fact) : drawableFacts.length
  return draws.toSorted(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
}

/** Other profiles with their shares of the questions. */
function parseParts(
  reader: Reader,
  input: unknown,
  other: (name: unknown, pointer: string) => Layer | undefined,
): readonly Part[] {
  const list = reader.list(input, '/parts')
  if (Array.isArray(input) && list.length === 0) reader.fault('/parts', 'at least one part', input)
  return list.flatMap(([part, pointer]) => {
    const given = reader.object(part, pointer, { required: ['profile', 'weight'] })
    if (given === undefined) return []
    const weight = parseWeight(reader, given['weight'], pointerTo(pointer, 'weight'))
    const at = pointerTo(pointer, 'profile')
    const layer = given['profile'] === undefined ? undefined : other(given['profile'], at)
    if (weight === undefined || layer === undefined) return []
    const [only, ...more] = layer.profile.parts
    if (more.length > 0)
      return reader.fault(at, 'a profile that has no parts itself', given['profile']) ?? []
    return [{ ...only, weight }]
  })
}

function parseFrom(reader: Reader, input: unknown, own: Own): readonly Part[] {
  const from = reader.oneOf(input, '/from', ['cases'])
  return from === undefined ? [] : [{ ...own, source: from }]
}

import { mergeSignIns, parseCases, type Case, type Json } from './case.ts'
import { parseRootCondition } from './condition.ts'
import { atLeastAsStrict, type Rule } from './decision.ts'
import { factTable, parseCustomFact } from './custom-facts.ts'
import type { FactTable } from './facts.ts'
import { didYouMean, pointerTo, show, type Fault } from './fault.ts'
import { parseInvariant, type Invariant } from './invariant.ts'
import { parseValue } from './kinds.ts'
import {
  merge,
  readLayer,
  type Definition,
  type Document,
  type Layer,
  type Override,
  type PackSource,
} from './layer.ts'
import { names } from './reader.ts'
import { boundReferences } from './references.ts'
import { parseRule, type WrittenRule } from './rule.ts'
import { byName, revisionOf, type RuleSet } from './rule-set.ts'
import { assumedFor, isObject, type Assumption } from './sign-in.ts'
import { readSource } from './source.ts'
import { writtenIn, type Written } from './written.ts'

/** A rule set with all that its authors say about it. */
export type Pack = {
  readonly ruleSet: RuleSet
  readonly description: string
  readonly controls: Readonly<Record<string, string>>
  readonly sources: Readonly<Record<string, Document>>
  readonly lists: ReadonlyMap<string, readonly string[]>
  /** What people call the values of those lists, where they say so. */
  readonly called: ReadonlyMap<string, string>
  /** The pack that this one extends. */
  readonly base?: Pack
  /** What of an overlay claims not to loosen: its rules without the overrides that say they do. */
  readonly strictPart?: RuleSet
  readonly overrides: readonly Override[]
  readonly cases: readonly Case[]
  /** An ordinary sign-in, as a caller would send it: what the cases are changes of. */
  readonly baseline: Json
  readonly invariants: readonly Invariant[]
  /** For those who ask why. */
  readonly written: Written
}

export type ParsedPack =
  | (Pack & { readonly faults?: never })
  | { readonly faults: readonly Fault[] }

/** Without these nothing else can be judged; a broken file of another name only adds its own faults. */
const foundations = ['pack.json', 'facts.json', 'conditions.json', 'lists.json']

/** Reads a pack and the packs it extends into one rule set with its promises, or says everything that is wrong. */
export const parsePack = (source: PackSource): ParsedPack => parseOver(source, readOnce())

function parseOver(source: PackSource, read: typeof readSource): ParsedPack {
  const base = source.base && parseOver(source.base, read)
  if (base?.faults) return base // said once, in the pack that has them
  const pack = parseLayers(source, read, 'whole', base?.ruleSet)
  if (pack.faults || base === undefined) return pack
  const strict = parseLayers(source, read, 'strict')
  return strict.faults ? strict : { ...pack, base, strictPart: strict.ruleSet }
}

/** The files of a base are in every layer above it. */
function readOnce(): typeof readSource {
  const known = new Map<string, ReturnType<typeof readSource> & { readonly of: string }>()
  return (file, text) => {
    const before = known.get(file)
    if (before?.of === text) return before
    const read = { ...readSource(file, text), of: text }
    known.set(file, read)
    return read
  }
}

function parseLayers(
  source: PackSource,
  read: typeof readSource,
  how: 'whole' | 'strict',
  base?: RuleSet,
): ParsedPack {
  const faults: Fault[] = []
  const layers: Layer[] = []
  for (let each: PackSource | undefined = source; each !== undefined; each = each.base)
    layers.unshift(readLayer(each, read, faults))
  if (faults.some(({ at }) => foundations.some((name) => at?.file.endsWith(`/${name}`))))
    return { faults: inReadingOrder(faults) }

  const own = layers.at(-1)!
  const customFacts = parseEach(merge(layers, 'facts', how), (name, { reader, input, pointer }) =>
    parseCustomFact(reader, name, input, pointer),
  )
  const table = factTable(customFacts)
  const conditions = merge(layers, 'conditions', how)
  const called = new Map<string, string>()
  const lists = parseEach(merge(layers, 'lists', how), (name, definition) =>
    parseList(name, definition, called),
  )
  const scope = {
    facts: table,
    lists: new Map(Object.entries(lists)),
    conditions: new Set(conditions.keys()),
    controls: new Set(layers.flatMap((layer) => Object.keys(layer.controls))),
    sources: new Set(layers.flatMap((layer) => Object.keys(layer.sources))),
  }
  const shared = parseEach(conditions, (name, { reader, input, pointer }) => {
    if (!names.camel.pattern.test(name))
      return reader.fault(pointer, names.camel.expected, name, { part: 'name' })
    return parseRootCondition(reader, input, pointer, scope)
  })
  boundReferences(shared, conditions)
  const rules = merge(layers, 'rules', how)
  const parsedRules = parseEach(rules, (_, { reader, input }) => parseRule(reader, input, scope))
  const usual = Object.keys(table).filter((fact) => mayAssume(table, fact))
  const assumptions = parseEach(
    merge(layers, 'assumptions', how, new Set(usual)),
    (fact, definition) => parseAssumption(fact, definition, table),
  )
  const absent = assumedFor(table, Object.values(assumptions))
  const promises = merge(layers, 'invariants', how)
  const invariants = parseEach(promises, (name, { reader, input, pointer }) =>
    parseInvariant(reader, name, input, pointer, scope, absent),
  )
  const { cases, baseline } =
    how === 'whole' ? mergeCases(layers, table) : { cases: [], baseline: {} }
  const written = Object.values(parsedRules)
  if (rules.size === 0)
    own.manifest.fault('', 'a pack with at least one rule in rules/', 'none', { said: true })
  else if (faults.length === 0 && written.every(({ mode }) => mode === 'report'))
    own.manifest.fault('', 'a pack with at least one rule that decides', 'only rules that report', {
      said: true,
    })
  if (base !== undefined) mustOwnUp(own, written, base)
  if (faults.length > 0) return { faults: inReadingOrder(faults) }

  const of = (wanted: WrittenRule['mode']): readonly Rule[] =>
    written.flatMap(({ mode, ...rule }) => (mode === wanted ? [rule] : []))
  const deciding = {
    id: own.id,
    customFacts,
    assumptions: Object.values(assumptions),
    conditions: shared,
    rules: byName(of(undefined)),
    reportRules: byName(of('report')),
  }
  return {
    ruleSet: { ...deciding, title: own.title, revision: revisionOf(deciding) },
    description: own.description,
    controls: Object.fromEntries(layers.flatMap((layer) => Object.entries(layer.controls))),
    sources: Object.fromEntries(layers.flatMap((layer) => Object.entries(layer.sources))),
    lists: scope.lists,
    called,
    overrides: own.overrides,
    cases,
    baseline,
    invariants: Object.values(invariants),
    written: writtenIn(source, rules, conditions, promises),
  }
}

/** A rule of the base that makes demands, and with this layer only reports, is a demand less. */
function mustOwnUp(own: Layer, written: readonly WrittenRule[], base: RuleSet): void {
  for (const { name, mode } of written) {
    const before = base.rules.find((rule) => rule.name === name)
    const what = `rules/${name}`
    const override = own.overrides.find((each) => each.what === what)
    if (mode !== 'report' || before === undefined || before.event.type === 'advise') continue
    if (override?.loosens === false)
      own.manifest.fault(
        pointerTo(pointerTo('/overrides', what), 'loosens'),
        'true, since the rule decides in the base pack and here only reports',
        false,
      )
  }
}

/** Facts of a pack's own; the standard ones of a base's cases stay as they are, left out where they are left out. */
const customOf = ({ custom }: Json): Json => (custom === undefined ? {} : { custom })

/** Cases of all layers; a later one replaces by name, and says so when it expects less. */
function mergeCases(
  layers: readonly Layer[],
  table: FactTable,
): { readonly cases: readonly Case[]; readonly baseline: Json } {
  const cases = new Map<string, Case>()
  let baseline: Json = {}
  for (const { files, overrides } of layers) {
    for (const [name, each] of cases) cases.set(name, { ...each, inherited: true })
    const file = files.get('cases.json')
    if (file === undefined) continue
    const parsed = parseCases(file, file.source.value, baseline, table)
    baseline = parsed.baseline
    // A fact of the overlay's own that its baseline sends is sent in the cases of its base too.
    for (const [name, each] of cases)
      cases.set(name, { ...each, signIn: mergeSignIns(customOf(parsed.given), each.signIn) })
    const here = new Set<string>()
    parsed.cases.forEach((each, index) => {
      const at = pointerTo('/cases', index)
      const before = cases.get(each.name)
      if (here.has(each.name))
        file.fault(at, 'each name once', `"${each.name}" again`, { said: true })
      if (
        before &&
        !atLeastAsStrict(each.expect, before.expect) &&
        !overrides.some(({ loosens }) => loosens)
      )
        file.fault(
          at,
          'a decision as strict as in the base pack, or an override that loosens',
          each.expect.outcome,
        )
      here.add(each.name)
      cases.set(each.name, each)
    })
  }
  return { cases: [...cases.values()], baseline }
}

function parseEach<T>(
  definitions: ReadonlyMap<string, Definition>,
  parse: (name: string, definition: Definition) => T | undefined,
): Record<string, T> {
  const parsed: [string, T][] = []
  for (const [name, definition] of definitions) {
    const value = parse(name, definition)
    if (value !== undefined) parsed.push([name, value])
  }
  return Object.fromEntries(parsed)
}

/** A list: `{description, source?, values: [value | {value, name}]}`. The names are for people, and are put into `called`. */
function parseList(
  name: string,
  { reader, input, pointer }: Definition,
  called: Map<string, string>,
): readonly string[] | undefined {
  if (!names.camel.pattern.test(name))
    return reader.fault(pointer, names.camel.expected, name, { part: 'name' })
  const given = reader.object(input, pointer, {
    required: ['description', 'values'],
    optional: ['source'],
  })
  if (given === undefined) return undefined
  const at = pointerTo(pointer, 'values')
  const members = reader.list(given['values'], at).map(([member, place]) => {
    if (!isObject(member)) return reader.text(member, place)
    reader.object(member, place, { required: ['value'], optional: ['name'] })
    const value = reader.text(member['value'], pointerTo(place, 'value'))
    if (value !== undefined && typeof member['name'] === 'string') called.set(value, member['name'])
    return value
  })
  if (members.length === 0) return reader.fault(at, 'at least one value', given['values'])
  const values = members.filter((member) => member !== undefined)
  const twice = values.findIndex((value, index) => values.indexOf(value) < index)
  if (twice >= 0)
    reader.fault(pointerTo(at, twice), 'each value once', `${show(values[twice])} again`, {
      said: true,
    })
  return values
}

/**
 * A pack may say what to take for a fact that is left out, where the fact table would take the strictest value or, for
 * want of one, refuse. Facts without which the question makes no sense stay required.
 */
const mayAssume = (table: FactTable, fact: string): boolean => {
  const origin = Object.hasOwn(table, fact) ? table[fact]!.origin : undefined
  return (
    origin?.by === 'caller' && (origin.absence === 'assumed' || origin.absence === 'refusedIfRead')
  )
}

function parseAssumption(
  fact: string,
  { reader, input, pointer }: Definition,
  table: FactTable,
): Assumption | undefined {
  if (!mayAssume(table, fact)) {
    const known = Object.keys(table).filter((each) => mayAssume(table, each))
    return reader.fault(pointer, 'a fact that callers may leave out', fact, {
      part: 'name',
      ...didYouMean(fact, known),
    })
  }
  const spec = table[fact]!
  const given = reader.object(input, pointer, { required: ['value', 'reason'] })
  if (given === undefined) return undefined
  const faults: Fault[] = []
  const value = parseValue(spec.kind, given['value'], pointerTo(pointer, 'value'), (fault) =>
    faults.push(fault),
  )
  for (const { pointer: at, expected, got } of faults)
    reader.fault(at, expected, got, { said: true })
  const reason = reader.text(given['reason'], pointerTo(pointer, 'reason'))
  return value === undefined || reason === undefined ? undefined : { fact, value, reason }
}

const inReadingOrder = (faults: readonly Fault[]): readonly Fault[] =>
  faults.toSorted(
    ({ at: a }, { at: b }) =>
      (a?.file ?? '').localeCompare(b?.file ?? '') ||
      (a?.line ?? 0) - (b?.line ?? 0) ||
      (a?.column ?? 0) - (b?.column ?? 0),
  )

import { parseCases, type Case, type Json } from './case.ts'
import { parseRootCondition, referencesOf, type Condition } from './condition.ts'
import { factTable, parseCustomFact } from './custom-facts.ts'
import type { FactTable } from './facts.ts'
import { didYouMean, pointerTo, show, type Fault } from './fault.ts'
import { parseInvariants, type Invariant } from './invariant.ts'
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
import type { Reader } from './reader.ts'
import { parseRule } from './rule.ts'
import { revisionOf, type RuleSet } from './rule-set.ts'
import { isObject, type Assumption } from './sign-in.ts'

/** A rule set with all that its authors say about it. */
export type Pack = {
  readonly ruleSet: RuleSet
  readonly description: string
  readonly controls: Readonly<Record<string, string>>
  readonly sources: Readonly<Record<string, Document>>
  readonly lists: ReadonlyMap<string, readonly string[]>
  readonly extends?: string
  readonly overrides: readonly Override[]
  readonly cases: readonly Case[]
  readonly invariants: readonly Invariant[]
}

export type ParsedPack =
  | (Pack & { readonly faults?: never })
  | { readonly faults: readonly Fault[] }

/** Reads a pack and the packs it extends into one rule set with its promises, or says everything that is wrong. */
export function parsePack(source: PackSource): ParsedPack {
  const faults: Fault[] = []
  const layers: Layer[] = []
  for (let each: PackSource | undefined = source; each !== undefined; each = each.base)
    layers.unshift(readLayer(each, faults))
  if (faults.length > 0) return { faults }

  const own = layers.at(-1)!
  const facts = merge(layers, 'facts')
  const conditions = merge(layers, 'conditions')
  const lists = merge(layers, 'lists')
  const rules = merge(layers, 'rules')
  const assumptions = merge(layers, 'assumptions')
  const controls = Object.assign({}, ...layers.map((layer) => layer.controls)) as Record<
    string,
    string
  >
  const sources = Object.assign({}, ...layers.map((layer) => layer.sources)) as Record<
    string,
    Document
  >

  const customFacts = parseEach(facts, (name, { reader, input, pointer }) =>
    parseCustomFact(reader, name, input, pointer),
  )
  const table = factTable(customFacts)
  const scope = {
    facts: table,
    lists: new Map(Object.entries(parseEach(lists, (_, definition) => parseList(definition)))),
    conditions: new Set(conditions.keys()),
    controls: new Set(Object.keys(controls)),
    sources: new Set(Object.keys(sources)),
  }
  const shared = parseEach(conditions, (_, { reader, input, pointer }) =>
    parseRootCondition(reader, input, pointer, scope),
  )
  findCircles(shared, conditions)
  const parsedRules = parseEach(rules, (_, { reader, input }) => parseRule(reader, input, scope))
  const parsedAssumptions = parseEach(assumptions, (fact, definition) =>
    parseAssumption(fact, definition, table),
  )

  let baseline: Json = {}
  const cases = new Map<string, Case>()
  const invariants = new Map<string, Invariant>()
  for (const { files } of layers) {
    const caseFile = files.get('cases.json')
    if (caseFile !== undefined) {
      const parsed = parseCases(caseFile, caseFile.source.value, baseline)
      baseline = parsed.baseline
      define(caseFile, cases, parsed.cases, '/cases')
    }
    const invariantFile = files.get('invariants.json')
    if (invariantFile !== undefined)
      define(
        invariantFile,
        invariants,
        parseInvariants(invariantFile, invariantFile.source.value, scope),
        '/invariants',
      )
  }
  if (rules.size === 0)
    own.manifest.fault('', 'a pack with at least one rule in rules/', 'none', { said: true })
  if (faults.length > 0) return { faults: inReadingOrder(faults) }

  const deciding = {
    id: own.id,
    customFacts,
    assumptions: Object.values(parsedAssumptions),
    conditions: shared,
    rules: Object.values(parsedRules).sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
  return {
    ruleSet: { ...deciding, title: own.title, revision: revisionOf(deciding) },
    description: own.description,
    controls,
    sources,
    lists: scope.lists,
    ...(own.extends !== undefined && { extends: own.extends }),
    overrides: layers.flatMap((layer) => layer.overrides),
    cases: [...cases.values()],
    invariants: [...invariants.values()],
  }
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

/** A list: `{description, source?, values: [value | {value, name}]}`. The names are for people. */
function parseList({ reader, input, pointer }: Definition): readonly string[] | undefined {
  const given = reader.object(input, pointer, {
    required: ['description', 'values'],
    optional: ['source'],
  })
  if (given === undefined) return undefined
  const at = pointerTo(pointer, 'values')
  const members = reader.list(given['values'], at).map(([member, place]) => {
    if (!isObject(member)) return reader.text(member, place)
    reader.object(member, place, { required: ['value'], optional: ['name'] })
    return reader.text(member['value'], pointerTo(place, 'value'))
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

function parseAssumption(
  fact: string,
  { reader, input, pointer }: Definition,
  table: FactTable,
): Assumption | undefined {
  const spec = Object.hasOwn(table, fact) ? table[fact] : undefined
  if (spec === undefined || spec.origin.by !== 'caller') {
    const known = Object.keys(table).filter((each) => table[each]!.origin.by === 'caller')
    return reader.fault(pointer, 'a fact that callers send', fact, {
      part: 'name',
      ...didYouMean(fact, known),
    })
  }
  const given = reader.object(input, pointer, { required: ['value', 'reason'] })
  if (given === undefined) return undefined
  const faults: Fault[] = []
  const value = parseValue(spec.kind, given['value'], pointerTo(pointer, 'value'), (fault) =>
    faults.push(fault()),
  )
  for (const { pointer: at, expected, got } of faults)
    reader.fault(at, expected, got, { said: true })
  const reason = reader.text(given['reason'], pointerTo(pointer, 'reason'))
  return value === undefined || reason === undefined ? undefined : { fact, value, reason }
}

/** A later layer replaces by name; the same name twice in one file is a mistake. */
function define<T extends { readonly name: string }>(
  file: Reader,
  known: Map<string, T>,
  added: readonly T[],
  pointer: string,
) {
  const here = new Set<string>()
  added.forEach((each, index) => {
    if (here.has(each.name))
      file.fault(pointerTo(pointer, index), 'each name once', `"${each.name}" again`, {
        said: true,
      })
    here.add(each.name)
    known.set(each.name, each)
  })
}

/** A shared condition that leads back to itself would never be decided (json-rules-engine would run out of memory). */
function findCircles(
  shared: Readonly<Record<string, Condition>>,
  definitions: ReadonlyMap<string, Definition>,
): void {
  const state = new Map<string, 'open' | 'done'>()
  const visit = (name: string, path: readonly string[]): void => {
    if (state.get(name) === 'done' || !Object.hasOwn(shared, name)) return
    if (state.get(name) === 'open') {
      const { reader, pointer } = definitions.get(name)!
      const circle = [...path.slice(path.indexOf(name)), name].join(' → ')
      reader.fault(pointer, 'a condition that does not lead back to itself', circle, {
        said: true,
        part: 'name',
      })
      return
    }
    state.set(name, 'open')
    for (const next of referencesOf(shared[name]!)) visit(next, [...path, name])
    state.set(name, 'done')
  }
  for (const name of Object.keys(shared)) visit(name, [])
}

const inReadingOrder = (faults: readonly Fault[]): readonly Fault[] =>
  faults.toSorted(
    ({ at: a }, { at: b }) =>
      (a?.file ?? '').localeCompare(b?.file ?? '') ||
      (a?.line ?? 0) - (b?.line ?? 0) ||
      (a?.column ?? 0) - (b?.column ?? 0),
  )

import { parseRootCondition } from './condition.ts'
import type { Scope } from './constant.ts'
import { effects, requirements, type Event, type Rule } from './decision.ts'
import { didYouMean, oneOfThese } from './fault.ts'
import { names, type Reader } from './reader.ts'

/** A rule as its file says it. One in report mode never determines a decision; what it would have done is reported. */
export type WrittenRule = Rule & { readonly mode?: 'report' }

/** What a rule may refer to beside what its conditions may. */
type RuleScope = Scope & {
  readonly controls: ReadonlySet<string>
  readonly sources: ReadonlySet<string>
}

const members = {
  required: ['name', 'title', 'control', 'source', 'conditions', 'event'],
  optional: ['$schema', 'priority', 'description', 'mode'],
}

/** Reads one rule file, or reports every fault in it. */
export function parseRule(
  reader: Reader,
  input: unknown,
  scope: RuleScope,
): WrittenRule | undefined {
  const given = reader.object(input, '', members)
  if (given === undefined) return undefined
  const has = (member: string) => Object.hasOwn(given, member)

  const name = has('name') ? reader.text(given['name'], '/name', names.kebab) : undefined
  const fileName = /([^/]*)\.json$/.exec(reader.source.file)?.[1]
  if (name !== undefined && fileName !== undefined && name !== fileName)
    reader.fault('/name', `the name of the file, "${fileName}"`, name)
  const title = has('title') ? reader.text(given['title'], '/title') : undefined
  const control = has('control')
    ? reader.oneOf(given['control'], '/control', [...scope.controls], 'a control of pack.json')
    : undefined
  const source = has('source') ? parseSourceRef(reader, given['source'], scope) : undefined
  if (has('priority')) reader.priority(given['priority'], '/priority')
  const mode = has('mode')
    ? reader.oneOf(given['mode'], '/mode', ['report'], 'left out for a rule that decides, else')
    : undefined
  const conditions = has('conditions')
    ? parseRootCondition(reader, given['conditions'], '/conditions', scope)
    : undefined
  const event = has('event') ? parseEvent(reader, given['event'], scope) : undefined

  const complete = name && title && control && source && conditions && event
  return complete
    ? { name, title, control, source, conditions, event, ...(mode && { mode }) }
    : undefined
}

/** `security-defaults#anchor`: a document of pack.json, and where in it. */
function parseSourceRef(reader: Reader, value: unknown, scope: RuleScope): string | undefined {
  const text = reader.text(value, '/source')
  if (text === undefined) return undefined
  const document = text.split('#', 1)[0]!
  const known = [...scope.sources]
  if (scope.sources.has(document)) return text
  return reader.fault(
    '/source',
    `a document of pack.json, ${oneOfThese(known)}, and "#" with the place in it`,
    text,
    didYouMean(document, known),
  )
}

function parseEvent(reader: Reader, input: unknown, scope: RuleScope): Event | undefined {
  const event = reader.object(input, '/event', { required: ['type', 'params'] })
  if (event === undefined) return undefined
  const type = reader.oneOf(event['type'], '/event/type', effects, 'an effect')
  if (type === undefined || !Object.hasOwn(event, 'params')) return undefined
  const own = type === 'challenge' ? ['requirement'] : type === 'advise' ? ['advice'] : []
  const at = '/event/params'
  const params = reader.object(event['params'], at, {
    required: ['code', ...own],
    optional: ['aadsts', 'shows'],
  })
  if (params === undefined) return undefined

  const code = Object.hasOwn(params, 'code')
    ? reader.text(params['code'], `${at}/code`, names.camel)
    : undefined
  const aadsts = params['aadsts']
  if (aadsts !== undefined && !(Number.isInteger(aadsts) && (aadsts as number) > 0))
    reader.fault(`${at}/aadsts`, 'the number of an AADSTS error code', aadsts)
  const shows =
    params['shows'] === undefined ? undefined : parseShows(reader, params['shows'], scope)
  if (code === undefined) return undefined
  const common = {
    code,
    ...(aadsts !== undefined && { aadsts: aadsts as number }),
    ...(shows && { shows }),
  }

  switch (type) {
    case 'block':
      return { type, params: common }
    case 'challenge': {
      const requirement = Object.hasOwn(params, 'requirement')
        ? reader.oneOf(params['requirement'], `${at}/requirement`, requirements, 'a requirement')
        : undefined
      return requirement ? { type, params: { requirement, ...common } } : undefined
    }
    case 'advise': {
      const advice = Object.hasOwn(params, 'advice')
        ? reader.text(params['advice'], `${at}/advice`, names.camel)
        : undefined
      return advice ? { type, params: { advice, ...common } } : undefined
    }
  }
}

function parseShows(reader: Reader, input: unknown, scope: RuleScope): readonly string[] {
  const known = Object.keys(scope.facts)
  return reader.list(input, '/event/params/shows').flatMap(([fact, at]) => {
    if (typeof fact === 'string' && known.includes(fact)) return [fact]
    reader.fault(at, 'a fact of the fact table', fact, didYouMean(fact, known))
    return []
  })
}

export const isRuleFile = (path: string): boolean => /^rules\/[^/]+\.json$/.test(path)

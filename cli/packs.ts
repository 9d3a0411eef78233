import { inWords, type Pack } from '../engine/index.ts'
import { packNames } from '../rules/index.ts'
import { exit, plural, styler, table, type Io } from './io.ts'
import { rulesText } from './check.ts'
import { mustLoadPack } from './load-pack.ts'

/** `portcullis packs`: the list; `portcullis packs NAME`: one, rule by rule. */
export function packsCommand(
  name: string | undefined,
  flags: { readonly plain?: boolean; readonly json?: boolean },
  io: Io,
): number {
  if (name === undefined)
    io.out(
      flags.json
        ? `${JSON.stringify(
            packNames().map((each) => summary(mustLoadPack(each, io))),
            null,
            2,
          )}\n`
        : list(io),
    )
  else {
    const pack = mustLoadPack(name, io)
    io.out(
      flags.plain
        ? `${JSON.stringify(plain(pack), null, 2)}\n`
        : flags.json
          ? `${JSON.stringify(full(pack), null, 2)}\n`
          : details(pack, io),
    )
  }
  return exit.ok
}

function summary({ ruleSet, cases, invariants, description }: Pack) {
  const { id, title, revision, rules, reportRules } = ruleSet
  return {
    id,
    title,
    description,
    revision,
    rules: rules.length,
    reportRules: reportRules.length,
    cases: cases.length,
    invariants: invariants.length,
  }
}

const full = ({ ruleSet, description, controls, sources, overrides, invariants }: Pack) => ({
  ...ruleSet,
  description,
  controls,
  sources,
  overrides,
  invariants: invariants.map(({ name, title, when, promise }) => ({ name, title, when, promise })),
})

/** What any json-rules-engine can be given: `addRule` for each rule that decides, `setCondition` for each condition. */
const plain = ({ ruleSet }: Pack) => ({
  conditions: ruleSet.conditions,
  rules: ruleSet.rules.map(({ name, conditions, event }) => ({ name, conditions, event })),
})

function list(io: Io): string {
  const rows = packNames().map((each) => {
    const pack = summary(mustLoadPack(each, io))
    const { id, title, cases, invariants, revision } = pack
    return [
      id,
      title,
      rulesText(pack),
      plural(cases, 'case'),
      plural(invariants, 'invariant'),
      revision.slice(0, 19),
    ]
  })
  return `${table(rows, '')}\nportcullis packs NAME shows one; portcullis check runs their cases.\n`
}

function details(pack: Pack, io: Io): string {
  const style = styler(io)
  const { ruleSet, controls, sources } = pack
  const lines = [
    style('bold', ruleSet.title),
    pack.description,
    '',
    `${ruleSet.id} ${ruleSet.revision}`,
    ...(pack.base === undefined ? [] : [`extends ${pack.base.ruleSet.id}`]),
    '',
  ]
  const everyRule = [...ruleSet.rules, ...ruleSet.reportRules]
  for (const [control, promise] of Object.entries(controls)) {
    const rules = everyRule.filter((rule) => rule.control === control)
    if (rules.length === 0) continue
    lines.push(`${style('bold', promise)} ${style('dim', `(${control})`)}`)
    for (const rule of rules) {
      const { name, title, event, source, conditions } = rule
      const [document = '', place = ''] = source.split('#')
      const what =
        event.type === 'challenge'
          ? `challenge ${event.params.requirement}`
          : event.type === 'advise'
            ? `advise ${event.params.advice}`
            : 'block'
      lines.push(
        `  ${name}: ${ruleSet.reportRules.includes(rule) ? `would ${what}, and only reports it` : what}`,
        `    ${title}`,
        style('dim', `    when ${inWords(conditions)}`),
        style(
          'dim',
          `    ${sources[document]?.title ?? document} (${sources[document]?.date ?? ''}), #${place}`,
        ),
      )
    }
    lines.push('')
  }
  for (const { fact, value, reason } of ruleSet.assumptions)
    lines.push(`assumes ${fact} = ${JSON.stringify(value)}: ${reason}`)
  for (const { what, loosens, reason, owner, expires } of pack.overrides)
    lines.push(
      `replaces ${what}${loosens ? ', which loosens the base' : ''}: ${reason}${owner ? ` (${owner}, until ${expires})` : ''}`,
    )
  lines.push(
    '',
    `${plural(pack.cases.length, 'case')}, ${plural(pack.invariants.length, 'invariant')}:`,
  )
  for (const { name, title } of pack.invariants) lines.push(`  ${name}: ${title}`)
  return `${lines.join('\n')}\n`
}

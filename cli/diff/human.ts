import type { Change, LeftOut, ShownChange } from '../../engine/index.ts'
import type { DiffReport } from '../diff.ts'
import { plural, styler, table, type Io } from '../io.ts'
import { factText, placeText } from '../verify/human.ts'

/** More rules are not shown of one decision. */
const mostRules = 6

/** A comparison for people: the matrix, each change with its sign-in, the rules, and what is to be known beside. */
export function diffText(report: DiffReport, io: Io): string {
  const style = styler(io)
  const { from, to, changes, unknown, rules, acceptances } = report
  const ruleChange = new Map(rules.map((each) => [each.rule, each]))
  const title = table(
    [from, to].map(({ pack, revision, rules }, side) => [
      side === 0 ? 'from' : 'to',
      pack,
      revision.slice(0, 19),
      plural(rules, 'rule'),
    ]),
    '',
  )
  return [
    title,
    '\n',
    ...(report.because === undefined ? [matrix(), '\n', ...changes.map(changeText)] : []),
    ...section('Shared conditions that differ', report.conditions.map(conditionText)),
    ...section('Rules that differ', rules.filter(isOwn).map(ruleText)),
    ...section(
      'Where a sign-in leaves a fact out, which is not compared above',
      report.facts.map(leftOutFact),
    ),
    ...section('Accepted', acceptances.map(acceptanceText)),
    ...unknown.map(
      (each) =>
        `${style('yellow', 'unknown')}  ${nameOf(each)}: ${each.because === 'budget' ? 'it took more conflicts than the budget allows' : 'the proof did not hold up'}\n`,
    ),
    verdictText(),
  ].join('')

  function matrix(): string {
    const outcomes = ['allow', 'challenge', 'block'] as const
    const rows = outcomes.map((was) => [
      `from ${was}`,
      ...outcomes.map((is) => {
        const found = changes.filter((change) => change.from === was && change.to === is)
        const labels = [...new Set(found.map(labelText))]
        if (unknown.some((change) => change.from === was && change.to === is))
          labels.push('unknown')
        return labels.length > 0 ? labels.join(', ') : was === is ? 'same' : 'none'
      }),
    ])
    return table([['', ...outcomes.map((is) => `to ${is}`)], ...rows])
  }

  function changeText(change: ShownChange): string {
    const { deviations, forcing, decisions, label } = change
    const colour = label === 'weaker' || label === 'different' ? 'red' : 'green'
    const deviating = new Set(deviations.map(({ fact }) => fact))
    const also = forcing.map(({ fact }) => fact).filter((fact) => !deviating.has(fact))
    return [
      `${style([colour, 'bold'], labelText(change))}  ${style('bold', nameOf(change))}\n`,
      ...deviations.map(
        (each, index) => `  ${index === 0 ? 'sign-in' : '       '}  ${factText(each)}\n`,
      ),
      ...(deviations.length === 0 ? ['  sign-in  the ordinary one\n'] : []),
      ...wrapped(also).map((line, index) =>
        style('dim', `  ${index === 0 ? 'usual  ' : '       '}  ${line}\n`),
      ),
      style('dim', '           and whatever all other facts are\n'),
      ...decided('was', decisions.from),
      ...decided('is', decisions.to),
      '\n',
    ].join('')
  }

  function decided(
    when: 'was' | 'is',
    decision: ShownChange['decisions']['from'],
  ): readonly string[] {
    const { outcome, requirements, advice } = decision
    const said = [
      outcome,
      ...(requirements.length > 0 ? [`: ${requirements.join(', then ')}`] : []),
      ...(advice.length > 0 ? [`, advice ${advice.map((each) => each.advice).join(', ')}`] : []),
    ].join('')
    const all = [...decision.rules, ...advice]
    const first = all.toSorted(
      (one, other) => Number(ruleChange.has(other.rule)) - Number(ruleChange.has(one.rule)),
    )
    return [
      `  ${when.padEnd(7)}  ${said}\n`,
      ...first.slice(0, mostRules).map(({ rule, at }) => {
        const change = ruleChange.get(rule)
        return `           by ${rule}${change ? ` (${isOwn(change) ? changeWords(change) : 'changed'})` : ''}  ${style('dim', placeText(at))}\n`
      }),
      ...(first.length > mostRules
        ? [`           and ${plural(first.length - mostRules, 'rule')} more\n`]
        : []),
      ...(all.length === 0 ? ['           no rule has anything to say\n'] : []),
    ]
  }

  function ruleText(change: DiffReport['rules'][number]): string {
    const sign = { added: '+', decides: '+', removed: '-', onlyReports: '-', changed: '~' }[
      change.change
    ]
    const place = change.to ?? change.from
    return `  ${sign} ${change.rule}: ${changeWords(change)}  ${style('dim', place ? placeText(place) : '')}\n`
  }

  function conditionText({ condition, ...places }: DiffReport['conditions'][number]): string {
    const sign = places.from === undefined ? '+' : places.to === undefined ? '-' : '~'
    const users = rules.filter(({ through }) => through?.includes(condition)).length
    return `  ${sign} ${condition}: ${plural(users, 'rule')} through it  ${style('dim', placeText(places.to ?? places.from!))}\n`
  }

  function leftOutFact({ fact, from: was, to: is }: DiffReport['facts'][number]): string {
    return `  ${fact}: ${leftOutText(was)} in ${from.pack}, ${leftOutText(is)} in ${to.pack}\n`
  }

  function acceptanceText({
    from,
    to,
    reason,
    owner,
    expires,
    status,
  }: DiffReport['acceptances'][number]): string {
    const said = {
      used: `until ${expires}`,
      unused: 'covers nothing: it can go',
      expired: `expired on ${expires}, and does not count`,
    }
    return `  ${from} → ${to}: ${reason} (${owner}, ${said[status]})\n`
  }

  function verdictText(): string {
    if (report.because !== undefined) return `${style('yellow', 'unknown')}: ${report.because}\n`
    const certificate = `certificate of ${plural(report.certified, 'conclusion')} ok`
    if (report.verdict === 'equivalent')
      return `${style('green', 'equivalent')}: PROVED that every sign-in is decided alike, by outcome, requirements and advice (${certificate})\n`
    const count = (label: ShownChange['label'], accepted: boolean) =>
      changes.filter((each) => each.label === label && each.accepted === accepted).length
    const counts = [
      `${count('weaker', false)} WEAKER`,
      `${count('different', false)} different`,
      `${count('stricter', false)} stricter`,
      ...(count('alike', false) > 0 ? [`${count('alike', false)} in advice alone`] : []),
      ...(changes.some(({ accepted }) => accepted)
        ? [`${changes.filter(({ accepted }) => accepted).length} accepted`]
        : []),
    ]
    return `${counts.join(' · ')}; PROVED that there is no other kind of change (${certificate})\n`
  }

  function section(title: string, lines: readonly string[]): readonly string[] {
    return lines.length === 0 ? [] : [`${style('bold', title)}\n`, ...lines, '\n']
  }
}

/** Names beside one another, on lines that a terminal shows whole. */
function wrapped(names: readonly string[]): readonly string[] {
  return names.reduce<readonly string[]>((lines, name, index) => {
    const text = index === names.length - 1 ? name : `${name},`
    const last = lines.at(-1)
    return last === undefined || last.length + text.length > 86
      ? [...lines, text]
      : [...lines.slice(0, -1), `${last} ${text}`]
  }, [])
}

/** Whether a rule differs by itself, not only through shared conditions. */
const isOwn = ({ change, conditions, effect }: DiffReport['rules'][number]): boolean =>
  change !== 'changed' || conditions === true || effect === true

function labelText({ label, accepted }: Pick<ShownChange, 'label' | 'accepted'>): string {
  if (accepted) return 'accepted'
  return { weaker: 'WEAKER', different: 'different', stricter: 'stricter', alike: 'advice' }[label]
}

/** A change by name, as a line of a report says it. */
export function nameOf({ from, to, dropped, added, given, withdrawn }: Change): string {
  if (given !== undefined) return `${from}: ${given} is advised`
  if (withdrawn !== undefined) return `${from}: ${withdrawn} is no longer advised`
  if (from !== to) return `${from} → ${to}`
  if (dropped !== undefined && added !== undefined)
    return `${from}: ${added} in place of ${dropped}`
  return dropped === undefined
    ? `${from}: ${added} is demanded too`
    : `${from}: ${dropped} is no longer demanded`
}

function changeWords({ change, conditions, effect, through }: DiffReport['rules'][number]): string {
  switch (change) {
    case 'added':
    case 'removed':
      return change
    case 'onlyReports':
      return 'only reports now'
    case 'decides':
      return 'decides now, and only reported'
    case 'changed':
      return [
        ...(conditions ? ['its conditions changed'] : []),
        ...(effect ? ['its effect changed'] : []),
        ...(through ? [`changed through ${through.join(', ')}`] : []),
      ].join(', ')
  }
}

function leftOutText(leftOut: LeftOut): string {
  switch (leftOut.is) {
    case 'assumed':
      return `${JSON.stringify(leftOut.value)} is assumed`
    case 'refused':
      return 'the sign-in is refused'
    case 'irrelevant':
      return 'no matter'
    case 'unknown':
      return 'not declared, and refused where it is sent'
  }
}

import {
  explainer,
  inline,
  load,
  resolveOperator,
  show,
  type Explanation,
  type ShownComparison,
  type ShownCondition,
  type ShownRule,
  type WouldBe,
} from '../engine/index.ts'
import { askService, decisionText, readSignIn, refuse, type AskFlags } from './decide.ts'
import { exit, plural, styler, type Io } from './io.ts'
import { mustLoadPack } from './load-pack.ts'

/** `portcullis explain`: why a sign-in is decided as it is, down to each condition, and what would change that. */
export async function explainCommand(file: string, flags: AskFlags, io: Io): Promise<number> {
  if (flags.url !== undefined)
    return askService(file, flags, io, async (client, signIn) => {
      const explanation = await client.explain(signIn)
      return flags.json
        ? explanation
        : `${decisionText(explanation.decision, [], io)}\n${explanationText(explanation, io)}`
    })
  const pack = mustLoadPack(flags.pack, io)
  const { ruleSet } = pack
  const asked = await readSignIn(file, load(ruleSet).parse, io)
  if (asked.faults) return refuse(asked, flags, io)
  const { decide } = inline(ruleSet)
  const explained = await explainer(pack)(decide, new TextEncoder().encode(asked.text), io.now())
  if ('faults' in explained) throw new TypeError('a sign-in that was read has faults')
  const { decision, explanation } = explained
  io.out(
    flags.json
      ? `${JSON.stringify({ decision, ...explanation }, null, 2)}\n`
      : `${decisionText(decision, ruleSet.rules, io)}\n${explanationText(explanation, io)}`,
  )
  return exit.ok
}

/** An explanation in words: of each rule what makes it apply, or keeps it from that. `--json` has all conditions. */
function explanationText(explanation: Explanation, io: Io): string {
  const style = styler(io)
  const { rules, rulesNotShown, conditions, wouldBe, triedAll } = explanation
  const applying = rules.filter(({ applies }) => applies)
  const others = rules.filter(({ applies }) => !applies)
  const shown = new Set<string>()
  return [
    ...section('What would change it', [
      ...wouldBe.map(changeText),
      ...(wouldBe.length === 0 ? ['  no change of one or two facts that was tried\n'] : []),
      ...(triedAll ? [] : ['  not all changes were tried: there are too many\n']),
    ]),
    ...section('Rules that apply', applying.map(ruleText)),
    ...section('Rules that do not apply', others.map(ruleText)),
    ...(rulesNotShown > 0 ? [`  and ${plural(rulesNotShown, 'rule')} more\n`] : []),
  ]
    .join('')
    .replace(/\n$/, '')

  function section(title: string, texts: readonly string[]): readonly string[] {
    return texts.length === 0 ? [] : [`${style('bold', title)}\n`, ...texts, '\n']
  }

  function ruleText({ rule, effect, requirement, advice, file, line, ...more }: ShownRule): string {
    const what = [effect, requirement ?? advice ?? ''].join(' ').trimEnd()
    return `  ${style('bold', rule)}: ${what}  ${style('dim', `${file}:${line}`)}\n${because(more.conditions, file, 2)}`
  }

  /** The parts of a condition that make it hold, or not. */
  function because(condition: ShownCondition, file: string, depth: number): string {
    const { holds } = condition
    const say = (text: string) => {
      const mark = holds ? style('green', '✓') : style('red', '✗')
      const place = style('dim', `${file.slice(file.lastIndexOf('/') + 1)}:${condition.line}`)
      return `${'  '.repeat(depth)}${mark} ${text}  ${place}\n`
    }
    const below = (members: readonly ShownCondition[]) =>
      members
        .filter((member) => member.holds === holds)
        .map((member) => because(member, file, depth + 1))
        .join('')
    if ('all' in condition) {
      const members = condition.all.filter((member) => member.holds === holds)
      return members.map((member) => because(member, file, depth)).join('')
    }
    if ('any' in condition) return `${say(holds ? 'some of' : 'none of')}${below(condition.any)}`
    if ('not' in condition) return `${say('not')}${because(condition.not, file, depth + 1)}`
    if ('condition' in condition) {
      const { condition: name } = condition
      if (shown.has(name)) return say(`${name} (above)`)
      shown.add(name)
      const { file: its, ...shared } = conditions[name]!
      return `${say(name)}${because(shared, its, depth + 1)}`
    }
    return say(comparisonText(condition))
  }

  function changeText({ outcome, requirements, changes }: WouldBe): string {
    const demanded = requirements.length > 0 ? `: ${requirements.join(', then ')}` : ''
    const each = changes.map(
      ({ fact, from, to }) => `${fact} = ${JSON.stringify(to)} instead of ${JSON.stringify(from)}`,
    )
    return `  ${outcome}${demanded}  with ${each.join(' and ')}\n`
  }
}

export function comparisonText(comparison: ShownComparison): string {
  const { fact, operator, seen, wanted, wantedList, wantedFact, assumed } = comparison
  const shown = Array.isArray(wanted) && wanted.length <= 6 ? JSON.stringify(wanted) : show(wanted)
  const constant = wantedList ?? (wantedFact === undefined ? shown : `${wantedFact}, ${shown}`)
  const is = `it is ${JSON.stringify(seen)}${assumed ? ', assumed' : ''}`
  return `${fact} ${resolveOperator(operator)?.says ?? operator} ${constant} (${is})`
}

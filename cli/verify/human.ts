import type {
  FactValue,
  Concerned,
  LetThrough,
  Mend,
  Place,
  ShownFact,
  ShownVerdict,
  ShownWitness,
} from '../../engine/index.ts'
import { comparisonText } from '../explain.ts'
import { framed } from '../frame.ts'
import { plural, styler, type Io } from '../io.ts'
import { lawsText } from './laws.ts'
import { verdicts, type PackReport, type Verified } from './report.ts'

/** The report for people: a line a proof, and for the rest what one needs to mend it. */
export function humanText(reports: readonly PackReport[], io: Io): string {
  return reports
    .map((report) =>
      report.faults
        ? `${framed(report.faults, io)}\n${report.pack}: ${plural(report.faults.length, 'fault')}; nothing was proved\n`
        : packText(report, io),
    )
    .join('\n')
}

function packText(report: Verified, io: Io): string {
  const style = styler(io)
  const { pack, revision, facts, assumptions, counts, invariants, laws, certified } = report
  const widest = Math.max(0, ...invariants.map(({ invariant }) => invariant.length))
  const head = (each: ShownVerdict) => {
    const proved = each.verdict === 'proved'
    const mark = proved ? style('green', '✓') : style('red', '✗')
    const verdict = style(proved ? 'green' : ['red', 'bold'], each.verdict.toUpperCase())
    return `${mark} ${each.invariant.padEnd(widest)}  ${verdict}  ${proved ? style('dim', 'example' in each ? 'a sign-in shows it' : 'certificate ok') : style('dim', placeText(each.at))}\n`
  }
  return [
    ...invariants.map((each) => `${head(each)}${detailsText(each, io)}`),
    `${verdicts.map((each) => `${counts[each]} ${each}`).join(' · ')}  ${style('bold', pack)}: ${plural(certified, 'conclusion')} certified in ${(report.milliseconds / 1000).toFixed(1)} s\n`,
    style('dim', `  rules ${short(revision)}  facts ${short(facts)}\n`),
    ...assumptions.map(({ fact, value, reason }) =>
      style('dim', `  where ${fact} is left out, ${JSON.stringify(value)} is taken: ${reason}\n`),
    ),
    ...(invariants.length === 0 ? ['  there are no invariants: nothing is promised\n'] : []),
    ...(laws === undefined ? [] : ['\n', lawsText(laws, io)]),
  ].join('')
}

/** What is said of an invariant that is not proved. */
export function detailsText(each: ShownVerdict, io: Io): string {
  const style = styler(io)
  const say = (label: string, text: string) =>
    `    ${style('dim', label.padEnd(9))} ${text.replaceAll('\n', `\n${' '.repeat(14)}`)}\n`
  switch (each.verdict) {
    case 'proved':
      return ''
    case 'vacuous':
      return `    ${each.title}\n${say('because', 'there is no sign-in of which it speaks')}`
    case 'unsupported':
      return [
        `    ${each.title}\n`,
        ...(each.notModelled.length === 0 ? [say('because', each.because)] : []),
        ...each.notModelled.map(({ fact, operator, because, at }) =>
          say('because', `${because}: ${fact} ${operator}\n${placed(at, io)}`),
        ),
      ].join('')
    case 'unknown':
      return `    ${each.title}\n${say('because', each.because)}`
    case 'refuted': {
      if (each.witness === undefined)
        return `    ${each.title}\n${say('promised', each.promise)}${say('decided', 'otherwise, for every sign-in of which it speaks')}`
      const { witness, leftOut, letThrough, mend, triedAll } = each
      const { outcome, requirements } = witness.decision
      return [
        `    ${each.title}\n`,
        say('promised', each.promise),
        say(
          'decided',
          `${style('bold', [outcome, ...requirements].join(', '))}  ${style('dim', '(replayed: the compiled rules and json-rules-engine agree)')}`,
        ),
        say('sign-in', signInText(witness, io)),
        say('needs', forcingText(witness)),
        ...(leftOut ?? []).map(({ fact, value }) =>
          say('left out', `${fact}, for which ${valueText(value)} is taken`),
        ),
        say('because', letThroughText(letThrough, mend, io)),
        say('mend', mendText(mend, triedAll, io)),
      ].join('')
    }
  }
}

/** What is remarkable about a sign-in. */
export function signInText({ deviations }: Pick<ShownWitness, 'deviations'>, io: Io): string {
  const style = styler(io)
  if (deviations.length === 0) return 'the ordinary one'
  return [
    'an ordinary one, but for',
    ...deviations.map(
      (each) =>
        `${style('bold', factText(each))}  ${style('dim', `instead of ${valueText(each.ordinary)}`)}`,
    ),
  ].join('\n')
}

function forcingText({ deviations, forcing }: ShownWitness): string {
  const deviating = new Set(deviations.map(({ fact }) => fact))
  const usual = forcing.flatMap(({ fact }) => (deviating.has(fact) ? [] : [fact]))
  const ordinary =
    usual.length === 0
      ? ''
      : `, and as in the ordinary one\n${usual.reduce((text, fact) => `${text},${text.length - text.lastIndexOf('\n') + fact.length > 90 ? '\n' : ' '}${fact}`)};\n`
  return `${deviations.length === 0 ? 'nothing else' : 'that'}${ordinary === '' ? '; ' : ordinary}all other facts may be anything`
}

/** The rule that matters most, with the conditions that decide; the others by name. All of it is in the JSON. */
function letThroughText({ rules, rulesNotShown }: LetThrough, mend: Mend | undefined, io: Io) {
  const style = styler(io)
  const [first] = rules
  if (first === undefined) return 'no rule has an effect that would keep it'
  const says = first.applies ? 'applies' : 'would keep it, and does not apply'
  const effect = ({ effect: type, requirement }: Concerned) =>
    [type, requirement ?? ''].join(' ').trimEnd()
  // A rule that has nothing to do with it is no reason.
  const isMeant = first.applies || mend?.edit !== 'addRule'
  const others = isMeant ? rules.slice(1) : rules
  const told = isMeant
    ? [
        `${style('bold', first.rule)} (${effect(first)}) ${says}, since`,
        ...first.because.flatMap(({ condition, holds, comparisons }) => [
          ...(condition === undefined
            ? []
            : [`${condition} ${holds ? 'holds' : 'does not hold'}, since`]),
          ...comparisons
            .slice(0, mostComparisons)
            .map(
              (each) => `  ${mark(each.holds, io)} ${comparisonText(each)}  ${placed(each.at, io)}`,
            ),
          ...(comparisons.length > mostComparisons
            ? [`  and ${plural(comparisons.length - mostComparisons, 'comparison')} more`]
            : []),
        ]),
      ]
    : []
  const names = others.map(({ rule }) => rule).join(', ')
  const more = rulesNotShown > 0 ? `, and ${plural(rulesNotShown, 'rule')} more` : ''
  return [
    ...told,
    ...(others.length > 0
      ? [
          `${isMeant ? 'the same is true of' : 'no rule that would keep it applies; with such an effect there are'} ${names}${more}`,
        ]
      : []),
  ].join('\n')
}

const mostComparisons = 4

const mark = (holds: boolean, io: Io) => (holds ? styler(io)('green', '✓') : styler(io)('red', '✗'))

/** What to do, where one edit does. */
function mendText(mend: Mend | undefined, triedAll: boolean, io: Io): string {
  if (mend === undefined)
    return triedAll
      ? 'no edit of one condition or rule does it without breaking another promise or a case'
      : 'none was found; not all edits of one condition or rule were tried'
  const { edit, what, at, rule } = mend
  const style = styler(io)
  const how = {
    delete: `delete ${what}`,
    negate: `turn around ${what}`,
    removeRule: `take out the rule ${what}`,
    enforceRule: `let the rule ${what} decide: take out its "mode"`,
    restoreRule: `put back the rule ${what} of the base pack`,
    addRule: `add a rule with the "when" of the promise for its conditions, and ${[rule?.event.type, rule?.event.type === 'challenge' ? rule.event.params.requirement : ''].join(' ').trimEnd()} for its effect`,
  }
  return `${style('bold', how[edit])}  ${placed(at, io)}\nthen it is proved, what was proved still is, and no case fails that did not`
}

function placed(at: Place, io: Io): string {
  return styler(io)('dim', `${placeText(at)} ${at.pointer}`)
}

export const factText = ({ fact, value, called }: ShownFact): string =>
  `${fact} = ${valueText(value)}${called ? ` (${called.join(', ')})` : ''}`

const valueText = (value: FactValue): string => JSON.stringify(value)

export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 12)

import type { FactValue, ShownFact, ShownVerdict, ShownWitness } from '../../engine/index.ts'
import { framed } from '../frame.ts'
import { plural, styler, type Io } from '../io.ts'
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
  const { pack, revision, facts, assumptions, counts, invariants, certified } = report
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
  ].join('')
}

function detailsText(each: ShownVerdict, io: Io): string {
  const style = styler(io)
  const say = (label: string, text: string) =>
    `    ${style('dim', label.padEnd(9))} ${text.replaceAll('\n', `\n${' '.repeat(14)}`)}\n`
  switch (each.verdict) {
    case 'proved':
      return ''
    case 'vacuous':
      return `    ${each.title}\n${say('because', 'there is no sign-in of which it speaks')}`
    case 'unsupported':
    case 'unknown':
      return `    ${each.title}\n${say('because', each.because)}`
    case 'refuted': {
      const { witness } = each
      if (witness === undefined)
        return `    ${each.title}\n${say('promised', each.promise)}${say('decided', 'otherwise, for every sign-in of which it speaks')}`
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
  const usual = forcing.filter(({ fact }) => !deviating.has(fact))
  const these = [
    ...(deviations.length === 0 ? [] : ['that']),
    ...usual.map((each) => factText(each)),
  ]
  return `${these.length === 0 ? 'nothing' : these.join(', ')}; all other facts may be anything`
}

const factText = ({ fact, value, called }: ShownFact): string =>
  `${fact} = ${valueText(value)}${called ? ` (${called.join(', ')})` : ''}`

const valueText = (value: FactValue): string => JSON.stringify(value)

export const placeText = ({ file, line, column }: ShownVerdict['at']): string =>
  `${file}:${line}:${column}`

const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 12)

import { isKept, type ShownLaw } from '../../engine/index.ts'
import { plural, styler, type Io } from '../io.ts'
import { factText, placeText, signInText } from './human.ts'

/** What is said of laws of two sign-ins: a line for all facts of which one is proved, and for each that is not all of it. */
export function lawsText(laws: readonly ShownLaw[], io: Io): string {
  const style = styler(io)
  const line = (kept: boolean, title: string, verdict: string, of: string) =>
    `${kept ? style('green', '✓') : style('red', '✗')} ${title}  ${style(kept ? 'green' : ['red', 'bold'], verdict)}  ${style('dim', of)}\n`
  return [...Map.groupBy(laws, ({ title }) => title)]
    .flatMap(([title, all]) => {
      const proved = all.filter(({ verdict }) => verdict === 'proved')
      const facts = proved.flatMap((each) => each.facts)
      return [
        ...(proved.length === 0
          ? []
          : [line(true, title, 'PROVED', `${plural(facts.length, 'fact')}, certificate ok`)]),
        ...all
          .filter(({ verdict }) => verdict !== 'proved')
          .map(
            (each) =>
              `${line(isKept(each), title, isKept(each) ? 'EXCEPTED' : each.verdict.toUpperCase(), each.facts.join(', '))}${lawText(each, io)}`,
          ),
      ]
    })
    .join('')
}

/** What is said of a law that is not proved. */
export function lawText(law: ShownLaw, io: Io): string {
  const style = styler(io)
  const say = (label: string, text: string) =>
    `    ${style('dim', label.padEnd(9))} ${text.replaceAll('\n', `\n${' '.repeat(14)}`)}\n`
  if (law.verdict === 'proved') return ''
  if (law.verdict !== 'refuted') return say('because', law.because)
  const { decisions, changes, excepted } = law
  const decided = ({ outcome, requirements, rules }: typeof decisions.first) =>
    [
      [outcome, ...requirements].join(', '),
      ...rules.map(({ rule, at }) => `by ${rule}  ${style('dim', placeText(at))}`),
    ].join('\n')
  return [
    say('one', signInText(law, io)),
    say('decided', decided(decisions.first)),
    say('other', ['the same, but for', ...changes.map(factText)].join('\n')),
    say('decided', decided(decisions.second)),
    ...(excepted === undefined ? [] : [say('excepted', `the pack says so: ${excepted}`)]),
  ].join('')
}

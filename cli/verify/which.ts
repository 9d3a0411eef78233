import { askedCondition, inWords, which, type RuleOfThose, type Which } from '../../engine/index.ts'
import { framed } from '../frame.ts'
import { exit, styler, UsageError, type Io } from '../io.ts'
import { mustLoadPack } from '../load-pack.ts'
import { budgetOf, type VerifyFlags } from '../verify.ts'
import { placeText, signInText } from './human.ts'

export type WhichFlags = VerifyFlags & { readonly pack?: string }

const file = 'the condition'

/** `portcullis verify which`: the rules that apply to all, some or none of the sign-ins of a condition. */
export async function whichCommand(text: string, flags: WhichFlags, io: Io): Promise<number> {
  const { format = 'human' } = flags
  if (format !== 'human' && format !== 'json')
    throw new UsageError(`--format: which prints human or json, got "${format}"`)
  const json = flags.json === true || format === 'json'
  const budget = budgetOf(flags)
  const pack = mustLoadPack(flags.pack, io)
  const asked = askedCondition(pack, file, text)
  if ('faults' in asked) {
    if (json) io.out(`${JSON.stringify({ faults: asked.faults }, null, 2)}\n`)
    else io.err(framed(asked.faults, io, { [file]: text }))
    return exit.usage
  }
  const told = await which(pack, asked.condition, budget)
  const { id, revision } = pack.ruleSet
  io.out(
    json
      ? `${JSON.stringify({ pack: id, revision, condition: inWords(asked.condition), ...told }, null, 2)}\n`
      : `Of sign-ins with ${inWords(asked.condition)}, by ${id}\n${whichText(told, io)}`,
  )
  if (told.is === 'unsupported') return exit.usage
  const isOpen =
    told.is === 'unknown' ||
    (told.is === 'told' && told.rules.some(({ applies }) => applies === 'unknown'))
  return isOpen ? exit.findings : exit.ok
}

const words = {
  always: 'applies to all',
  can: 'applies to some',
  never: 'applies to none',
  unknown: 'not found out within the budget',
} as const

function whichText(told: Which, io: Io): string {
  const style = styler(io)
  if (told.is === 'nobody') return '  there is no such sign-in\n'
  if (told.is !== 'told') return `  ${told.because}\n`
  return (['always', 'can', 'never', 'unknown'] as const)
    .flatMap((kind) => {
      const rules = told.rules.filter(({ applies }) => applies === kind)
      return rules.length === 0
        ? []
        : [`${style('bold', words[kind])}\n`, ...rules.map((rule) => ruleText(rule, io))]
    })
    .join('')
}

function ruleText(rule: RuleOfThose, io: Io): string {
  const style = styler(io)
  const { effect, requirement, at, applies, example, counterexample } = rule
  const shown = (label: string, witness: typeof example) =>
    witness === undefined
      ? ''
      : `    ${style('dim', label)} ${signInText(witness, io).replaceAll('\n', `\n${' '.repeat(6)}`)}\n`
  return [
    `  ${rule.rule} (${[effect, requirement ?? ''].join(' ').trimEnd()})  ${style('dim', placeText(at))}\n`,
    ...(applies === 'can' ? [shown('to', example), shown('not to', counterexample)] : []),
  ].join('')
}

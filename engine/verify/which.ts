import { compiler } from '../compile/compile.ts'
import { parseCondition, type Condition } from '../condition.ts'
import { factTable } from '../custom-facts.ts'
import type { Event, Rule } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import { didYouMean, oneOfThese, show, type Fault } from '../fault.ts'
import type { Pack } from '../pack.ts'
import { reader } from '../reader.ts'
import { readSource } from '../source.ts'
import { placeFinder, type Place } from '../written.ts'
import { modelOf, orUnsupported } from './model.ts'
import { ordinarySignIn } from './ordinary.ts'
import { witnessShower, type ShownWitness } from './shown-witness.ts'
import type { Literal } from './solver.ts'
import { Unsupported } from './test.ts'
import { witnesses, type Witness } from './witness.ts'

/** Of the sign-ins of a condition, those to which a rule applies. */
export type RuleOfThose = {
  readonly rule: string
  readonly title: string
  readonly effect: Event['type']
  readonly requirement?: string
  readonly at: Place
  readonly applies: 'always' | 'can' | 'never' | 'unknown'
  /** One to which it applies, and one to which it does not: the nearest to the ordinary sign-in. */
  readonly example?: ShownWitness
  readonly counterexample?: ShownWitness
}

export type Which =
  | { readonly is: 'told'; readonly rules: readonly RuleOfThose[] }
  /** There is no sign-in of that condition. */
  | { readonly is: 'nobody' }
  | { readonly is: 'unsupported' | 'unknown'; readonly because: string }

/** Reads a condition that somebody asks about: JSON as in a rule, or the name of a shared one. */
export function askedCondition(
  pack: Pick<Pack, 'ruleSet' | 'lists'>,
  file: string,
  text: string,
): { readonly condition: Condition } | { readonly faults: readonly Fault[] } {
  const { conditions, customFacts } = pack.ruleSet
  const names = Object.keys(conditions)
  const name = text.trim()
  if (/^\w+$/.test(name)) {
    if (Object.hasOwn(conditions, name)) return { condition: { condition: name } }
    const expected = `a shared condition, ${oneOfThese(names)}, or a condition as JSON`
    const at = { file, line: 1, column: 1, length: name.length }
    return { faults: [{ pointer: '', expected, got: show(name), ...didYouMean(name, names), at }] }
  }
  const source = readSource(file, text)
  if ('faults' in source) return source
  const faults: Fault[] = []
  const condition = parseCondition(reader(source, faults), source.value, '', {
    facts: factTable(customFacts),
    lists: pack.lists,
    conditions: new Set(names),
  })
  return condition === undefined ? { faults } : { condition }
}

/** Tells of each rule whether it applies to all, some or none of the sign-ins of a condition. `budget` is in conflicts, for each question. */
export async function which(pack: Pack, asked: Condition, budget: number): Promise<Which> {
  const { ruleSet, baseline, written } = pack
  const { rules, conditions, assumptions } = ruleSet
  const table = factTable(ruleSet.customFacts)
  const ordinary = ordinarySignIn(table, baseline, assumptions)
  const found = orUnsupported(() => {
    const model = modelOf(table, ordinary, assumptions, [{ rules, conditions, asked: [asked] }])
    const part = model.parts[0]!
    const holds = part.holds(asked)
    const { applies } = part.decided()
    return { model, holds, applies }
  })
  if (found instanceof Unsupported) return { is: 'unsupported', because: found.message }
  const { model, holds, applies } = found
  const nearest = witnesses(model, ordinary, budget)
  const some = witnessOf([holds])
  if (some === 'unknown')
    return { is: 'unknown', because: 'the budget of conflicts ran out before an answer was found' }
  if (some === undefined) return { is: 'nobody' }
  const placeOf = placeFinder(written)
  const showWitness = witnessShower(pack, ordinary)
  const compiled = compiler(conditions)
  const isAsked = compiled(asked)
  const told: RuleOfThose[] = []
  for (const rule of rules) told.push(await ofThose(rule))
  return { is: 'told', rules: told }

  async function ofThose({ name, title, event, conditions: when }: Rule): Promise<RuleOfThose> {
    const literal = applies.get(name)!
    const [example, counterexample] = [witnessOf([holds, literal]), witnessOf([holds, -literal])]
    const test = compiled(when)
    const shown = async (witness: Witness | undefined | 'unknown', wanted: boolean) =>
      typeof witness === 'object'
        ? showWitness(witness, (signIn: SignIn) => {
            if (!isAsked(signIn) || test(signIn) !== wanted)
              throw new TypeError(`the prover takes the rule "${name}" for another`)
          })
        : undefined
    const [yes, no] = [await shown(example, true), await shown(counterexample, false)]
    return {
      rule: name,
      title,
      effect: event.type,
      ...(event.type === 'challenge' && { requirement: event.params.requirement }),
      at: placeOf(written.rules[name]!, '/name'),
      applies:
        example === 'unknown' || counterexample === 'unknown'
          ? 'unknown'
          : example === undefined
            ? 'never'
            : counterexample === undefined
              ? 'always'
              : 'can',
      ...(yes && { example: yes }),
      ...(no && { counterexample: no }),
    }
  }

  /** The nearest sign-in; undefined when there is none, by a proof that was certified. */
  function witnessOf(shown: readonly Literal[]): Witness | undefined | 'unknown' {
    const witness = nearest(shown)
    return witness === undefined && model.certify(shown) !== undefined ? 'unknown' : witness
  }
}

import { comparisonsOf, inWords, referencesOf, type Condition } from '../../condition.ts'
import { factTable } from '../../custom-facts.ts'
import { outcomes, requirements, type Outcome } from '../../decision.ts'
import type { FactTable } from '../../facts.ts'
import { promiseInWords, type Promised } from '../../invariant.ts'
import type { Pack } from '../../pack.ts'
import { constantsOf } from '../partition.ts'
import type { Verdict } from '../verify.ts'
import { compared } from './comparing.ts'
import { comment, joined, named, not } from './names.ts'
import { signIns } from './sign-ins.ts'

/** `unsat`, `sat`: whether a sign-in breaks the promise (or shows that it is kept), and whether it speaks of any. */
export type Answers = readonly ['sat' | 'unsat', ('sat' | 'unsat')?]

/** What another solver should say; undefined where the prover has no answer itself. */
export function answersTo({ verdict, invariant }: Verdict): Answers | undefined {
  const isPossible = 'possible' in invariant.promise
  switch (verdict) {
    case 'proved':
      return isPossible ? ['sat'] : ['unsat', 'sat']
    case 'refuted':
      return isPossible ? ['unsat'] : ['sat', 'sat']
    case 'vacuous':
      return ['unsat', 'unsat']
    default:
      return undefined
  }
}

/**
 * What was asked about an invariant, in SMT-LIB 2: from the rules and the fact table, past everything that the prover makes of
 * them, so that another solver's answer says something about the prover's. Ids that nobody mentions are as many as one likes.
 */
export function smtLib({ ruleSet }: Pick<Pack, 'ruleSet'>, verdict: Verdict): string {
  const { id, revision, rules, conditions, assumptions, customFacts } = ruleSet
  const { invariant } = verdict
  const table = factTable(customFacts)
  const { promise } = invariant
  const answers = answersTo(verdict)
  const all = [
    invariant.when,
    ...Object.values(conditions),
    ...rules.map(({ conditions: root }) => root),
  ]
  return [
    comment(
      [
        `Invariant ${invariant.name} of the pack ${id}: ${invariant.title}`,
        `rules ${revision}`,
        `when ${inWords(invariant.when)}`,
        `promised: ${promiseInWords(promise)}`,
        `portcullis verify: ${verdict.verdict.toUpperCase()}${answers === undefined ? '' : `, so that the answers should be ${answers.join(', ')}`}`,
      ].join('\n'),
    ),
    '(set-option :produce-models true)\n(set-logic ALL)\n',
    heading('Sign-ins'),
    signIns(table, assumptions, idsIn(all, table)),
    heading('Shared conditions, and rules'),
    ...inDependence(conditions).map(
      ([name, condition]) =>
        `(define-fun ${named.condition(name)} () Bool ${termOf(condition, table)})\n`,
    ),
    ...rules.map(
      ({ name, conditions: root }) =>
        `(define-fun ${named.rule(name)} () Bool ${termOf(root, table)})\n`,
    ),
    heading(
      'The decision: a block before a challenge before an allow; what challenges demand adds up',
    ),
    `(declare-datatypes ((Outcome 0)) ((${outcomes.map((each) => `(${each})`).join(' ')})))\n`,
    deciding(rules),
    heading(`The sign-ins of which it speaks`),
    `(assert ${termOf(invariant.when, table)})\n`,
    ...asked(promise, answers),
  ].join('')
}

const heading = (text: string): string => `\n${comment(text)}`

function asked(promise: Promised, answers: Answers | undefined): readonly string[] {
  const [first, second] = answers ?? []
  const check = (answer: string | undefined) =>
    `(check-sat)\n${answer === 'sat' ? '(get-model)\n' : ''}`
  if ('possible' in promise)
    return [
      heading('Is one decided as is promised to be possible?'),
      `(assert (= outcome ${promise.possible}))\n${check(first)}`,
    ]
  return [
    heading('Does one break the promise?'),
    `(push 1)\n(assert ${not(kept(promise))})\n${check(first)}(pop 1)\n`,
    heading('Is there one at all?'),
    check(second === 'sat' ? undefined : second),
  ]
}

function kept(promise: Exclude<Promised, { readonly possible: Outcome }>): string {
  const is = (some: readonly Outcome[]) =>
    joined(
      'or',
      some.map((outcome) => `(= outcome ${outcome})`),
    )
  if ('atLeast' in promise) return is(outcomes.slice(outcomes.indexOf(promise.atLeast)))
  if ('atMost' in promise) return is(outcomes.slice(0, outcomes.indexOf(promise.atMost) + 1))
  if ('exactly' in promise) return is([promise.exactly])
  if ('oneOf' in promise) return is(promise.oneOf)
  if ('never' in promise) return not(is([promise.never]))
  return joined('or', [is(['block']), joined('and', promise.requires.map(named.demands))])
}

function deciding(rules: Pack['ruleSet']['rules']): string {
  const some = (effect: string, requirement?: string) =>
    joined(
      'or',
      rules.flatMap(({ name, event }) =>
        event.type === effect &&
        (event.type !== 'challenge' || event.params.requirement === requirement)
          ? [named.rule(name)]
          : [],
      ),
    )
  const asks = requirements.map((requirement) => some('challenge', requirement))
  return [
    `(define-fun outcome () Outcome (ite ${some('block')} block (ite ${joined('or', asks)} challenge allow)))\n`,
    ...requirements.map(
      (requirement, index) =>
        `(define-fun ${named.demands(requirement)} () Bool (and (= outcome challenge) ${asks[index]!}))\n`,
    ),
  ].join('')
}

function termOf(condition: Condition, table: FactTable): string {
  if ('all' in condition)
    return joined(
      'and',
      condition.all.map((each) => termOf(each, table)),
    )
  // json-rules-engine holds an empty `any` to be true.
  if ('any' in condition && condition.any.length > 0)
    return joined(
      'or',
      condition.any.map((each) => termOf(each, table)),
    )
  if ('any' in condition) return 'true'
  if ('not' in condition) return not(termOf(condition.not, table))
  if ('condition' in condition) return named.condition(condition.condition)
  return compared(condition, table)
}

/** Every id that a comparison mentions. */
function idsIn(conditions: readonly Condition[], table: FactTable): readonly string[] {
  const tests = conditions.flatMap((condition) => [...comparisonsOf(condition)])
  const ids = tests.flatMap((test) => {
    const { kind } = table[test.fact]!.kind
    return kind === 'id' || kind === 'ids' ? (constantsOf(test) as readonly string[]) : []
  })
  return [...new Set(ids)].toSorted()
}

/** Each after those that it refers to. */
function inDependence(
  conditions: Readonly<Record<string, Condition>>,
): readonly (readonly [string, Condition])[] {
  const ordered = new Map<string, Condition>()
  const add = (name: string): void => {
    if (ordered.has(name)) return
    const condition = conditions[name]!
    for (const other of referencesOf(condition)) add(other)
    ordered.set(name, condition)
  }
  Object.keys(conditions).forEach(add)
  return [...ordered]
}

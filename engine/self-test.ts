import type { Loaded } from './answer.ts'
import { runCases } from './case.ts'
import { changedReader } from './changed.ts'
import { compile, compiler } from './compile/compile.ts'
import { factTable } from './custom-facts.ts'
import { atLeastAsStrict } from './decision.ts'
import type { Location } from './fault.ts'
import { keeps } from './invariant.ts'
import type { Kind } from './kinds.ts'
import { looseningTried } from './loosening-tried.ts'
import type { Pack } from './pack.ts'
import { factsRead, type RuleSet } from './rule-set.ts'
import { signInParser, type ParsedSignIn } from './sign-in.ts'
import { toldApart } from './told-apart.ts'
import { changesFor, said } from './variations.ts'
import { loosenedText, loosening } from './verify/loosening.ts'

/** Something that a pack does and should not. */
export type Finding = {
  readonly kind: 'case' | 'invariant' | 'absence' | 'overlay'
  /** The case, the invariant, the fact or the overlay that is concerned. */
  readonly name: string
  readonly at?: Location
  readonly details: readonly string[]
}

/**
 * Tries a pack on its cases, and in full on each of them with one fact changed to every value that its rules tell apart:
 * the cases hold; the invariants hold; leaving a fact out is never looser than sending it. That is a sample, not a proof; but a
 * pack that fails the quick one never goes live. What of an overlay does not say that it loosens is always proved not to, for which
 * there is time until `isOver` holds.
 */
export function selfTest(
  pack: Pack,
  how: 'quick' | 'full',
  isOver: () => boolean = () => false,
): readonly Finding[] {
  const { ruleSet } = pack
  const tried = {
    parse: once(
      signInParser(factTable(ruleSet.customFacts), ruleSet.assumptions, factsRead(ruleSet)),
    ),
    decide: compile(ruleSet),
  }
  const full = how === 'full'
  return [
    ...caseFindings(pack, tried),
    ...invariantFindings(pack, tried, full),
    ...(full ? absenceFindings(pack, tried) : []),
    ...overlayFindings(pack, isOver),
  ]
}

type Tried = Pick<Loaded, 'parse' | 'decide'>

function* caseFindings({ cases }: Pack, { parse, decide }: Tried): Generator<Finding> {
  for (const { case: each, problems } of runCases(cases, parse, decide))
    if (problems.length > 0)
      yield { kind: 'case', name: each.name, ...atOf(each), details: problems }
}

/** Each case is read once, whatever it is tried on. */
function once(parse: Tried['parse']): Tried['parse'] {
  const known = new Map<unknown, ReturnType<typeof parse>>()
  return (signIn) => {
    let parsed = known.get(signIn)
    if (parsed === undefined) known.set(signIn, (parsed = parse(signIn)))
    return parsed
  }
}

function* invariantFindings(
  pack: Pack,
  { parse, decide }: Tried,
  full: boolean,
): Generator<Finding> {
  const compiled = compiler(pack.ruleSet.conditions)
  const tests = pack.invariants.map((invariant) => ({
    invariant,
    applies: compiled(invariant.when),
    broken: false,
  }))
  const changes = full ? changesFor([pack.ruleSet]) : []
  const read = changedReader(pack.ruleSet)
  for (const { name, signIn: sent } of pack.cases) {
    const reading = full ? read(sent) : () => signInOf(parse(sent))
    for (const change of [undefined, ...changes]) {
      const signIn = reading(change)
      if (signIn === undefined) continue
      const decision = decide(signIn)
      for (const test of tests) {
        const { invariant, applies } = test
        if (test.broken || !applies(signIn) || keeps(invariant.promise, decision)) continue
        test.broken = true // one sign-in that breaks it is enough
        yield {
          kind: 'invariant',
          name: invariant.name,
          ...atOf(invariant),
          details: [
            invariant.title,
            `the decision is ${decision.outcome} for ${said(name, change)}`,
          ],
        }
      }
    }
  }
}

function* absenceFindings(pack: Pack, { decide }: Tried): Generator<Finding> {
  const read = changedReader(pack.ruleSet)
  const table = factTable(pack.ruleSet.customFacts)
  const declared = new Set(pack.ruleSet.assumptions.map(({ fact }) => fact))
  for (const fact of factsRead(pack.ruleSet)) {
    const { origin, kind } = table[fact]!
    if (origin.by !== 'caller' || origin.absence !== 'assumed' || declared.has(fact)) continue
    const looser = firstLooser(fact, kind)
    if (looser !== undefined) yield { kind: 'absence', name: fact, details: [looser] }
  }

  function firstLooser(fact: string, kind: Kind): string | undefined {
    const values = toldApart(pack.ruleSet, fact, kind)
    const changes = values.map((value) => ({ fact, value }))
    for (const { name, signIn } of pack.cases) {
      const reading = read(signIn)
      const absent = reading({ fact, value: undefined })
      if (absent === undefined) continue
      const without = decide(absent)
      for (const change of changes) {
        const present = reading(change)
        if (present === undefined) continue
        const sent = decide(present)
        if (!atLeastAsStrict(without, sent))
          return `left out, the case "${name}" gets ${without.outcome}; with ${JSON.stringify(change.value)} it gets ${sent.outcome}`
      }
    }
    return undefined
  }
}

/** Each layer against the one below: what does not say that it loosens decides everything at least as strictly. */
function* overlayFindings(pack: Pack, isOver: () => boolean): Generator<Finding> {
  const { base, strictPart, cases } = pack
  if (base === undefined || strictPart === undefined) return
  yield* overlayFindings(base, isOver)
  const details = looserThanBase(base, strictPart, cases, isOver)
  if (details !== undefined) yield { kind: 'overlay', name: pack.ruleSet.id, details: [details] }
}

function looserThanBase(
  base: Pack,
  overlay: RuleSet,
  cases: Pack['cases'],
  isOver: () => boolean,
): string | undefined {
  const found = loosening(base, overlay, isOver)
  const loosens = 'no override of it says that it loosens, and'
  switch (found.verdict) {
    case 'never':
      return undefined
    case 'sometimes':
      return `${loosens} ${loosenedText(found.shown)}`
    case 'unknown':
      return `whether it loosens its base is not known: ${notKnown[found.because]}`
    case 'unsupported': {
      const tried = looseningTried(base, overlay, cases)
      return tried && `${loosens} ${tried}`
    }
  }
}

const notKnown = {
  budget: 'no proof, and no sign-in that shows it, in the time that there was',
  certificate: 'a proof that does not hold up',
  disagreed: 'a sign-in that is decided otherwise than the prover says',
}

const signInOf = (parsed: ParsedSignIn) => (parsed.faults ? undefined : parsed.signIn)

const atOf = ({ at }: { readonly at?: Location }) => (at ? { at } : {})

import { mergeSignIns, type Json } from './case.ts'
import { changedReader, readAlike, type Change } from './changed.ts'
import { compile } from './compile/compile.ts'
import { factTable } from './custom-facts.ts'
import { atLeastAsStrict } from './decision.ts'
import type { Pack } from './pack.ts'
import type { RuleSet } from './rule-set.ts'
import { isObject } from './sign-in.ts'
import { changesFor, said } from './variations.ts'

/**
 * The first variation of a case of the base that an overlay decides less strictly, in words; undefined where there is none. A sample
 * of what `loosening` proves, for what the prover does not model, and to hold the prover to.
 */
export function looseningTried(
  base: Pick<Pack, 'ruleSet' | 'cases'>,
  overlay: RuleSet,
  cases: Pack['cases'],
): string | undefined {
  const [below, above] = [compile(base.ruleSet), compile(overlay)]
  const [readBelow, readAbove] = [changedReader(base.ruleSet), changedReader(overlay)]
  const known = factTable(base.ruleSet.customFacts)
  const own = cases.find(({ signIn }) => signIn['custom'] !== undefined)?.signIn['custom']
  // Of facts that the base does not know its sign-ins say nothing, and what the overlay requires of its own they say as its cases do.
  const changes = [undefined, ...changesFor([base.ruleSet, overlay])].map((change) => ({
    change,
    forBase: change && Object.hasOwn(known, change.fact) ? change : undefined,
    forOverlay: change && orOwn(change, own),
  }))
  const areOneReading = own === undefined && readAlike(base.ruleSet, overlay)
  let compared = 0
  for (const { name, signIn } of base.cases) {
    const before = readBelow(withCustom(signIn, (fact) => Object.hasOwn(known, fact)))
    const after = areOneReading
      ? undefined
      : readAbove(own === undefined ? signIn : mergeSignIns({ custom: own }, signIn))
    for (const { change, forBase, forOverlay } of changes) {
      const asBase = before(forBase)
      if (asBase === undefined) continue
      const asOverlay = after === undefined ? asBase : after(forOverlay)
      if (asOverlay === undefined) continue // refused: that is never looser
      compared++
      const [expected, got] = [below(asBase), above(asOverlay)]
      if (!atLeastAsStrict(got, expected))
        return `${said(name, change)} gets ${got.outcome} instead of ${expected.outcome}`
    }
  }
  return compared === 0 && base.cases.length > 0
    ? 'it refuses every sign-in of its base, so nothing could be compared'
    : undefined
}

/** The sign-in with only those facts of a pack's own that are known. */
function withCustom(signIn: Json, known: (fact: string) => boolean): Json {
  const { custom, ...standard } = signIn
  const kept = Object.entries(isObject(custom) ? custom : {}).filter(([name]) =>
    known(`custom.${name}`),
  )
  return kept.length === 0 ? standard : { ...standard, custom: Object.fromEntries(kept) }
}

/** What an overlay's cases say of a fact of its own stands for it where it would be left out. */
function orOwn(change: Change, own: unknown): Change {
  const [area, member = ''] = change.fact.split('.')
  const stands = area === 'custom' && change.value === undefined && isObject(own)
  return stands && Object.hasOwn(own, member) ? { ...change, value: own[member] } : change
}

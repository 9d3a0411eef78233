import { compile, keeps, type Deciding, type Invariant, type Rule } from '../../engine/index.ts'
import type { SignIn, Verification } from '../../engine/index.ts'
import { signInsOf } from '../engine/sign-ins.ts'
import { signInsToTenant } from '../engine/tenant-sign-ins.ts'
import type { Answer } from './prover-process.ts'
import { missed } from './changes.ts'

/** Sign-ins that are decided by the engine, to be held against what was proved. */
const sampled = 2_000

const samples = (): readonly SignIn[] => signInsOf(signInsToTenant(sampled, 17)).fresh()

/** What is wrong with the verdicts of a pack; undefined when each is as expected, and every witness breaks its promise. */
export function wrongVerdict(
  { verdicts, certified }: Pick<Verification, 'verdicts' | 'certified'>,
  expected: (invariant: Invariant) => 'proved' | 'refuted',
  { rules, conditions }: Deciding,
): string | undefined {
  if (certified === 0) return 'no conclusion was certified'
  const decide = compile({ rules, conditions })
  for (const each of verdicts) {
    const { invariant, verdict } = each
    if (verdict !== expected(invariant))
      return `${invariant.name}: expected ${expected(invariant)}, got ${verdict}`
    if (verdict !== 'refuted') continue
    const { witness } = each
    if (witness === undefined) return `${invariant.name}: no witness`
    if (!applies(invariant, { rules, conditions }, witness.signIn))
      return `${invariant.name}: its witness is not of those that it is about`
    if (keeps(invariant.promise, decide(witness.signIn)))
      return `${invariant.name}: its witness keeps it`
  }
  return undefined
}

function applies({ when }: Invariant, { rules, conditions }: Deciding, signIn: SignIn): boolean {
  const event = { type: 'block', params: { code: 'applies' } } as const
  const rule: Rule = { ...(rules[0] as Rule), conditions: { all: [when] }, event }
  return compile({ rules: [rule], conditions })(signIn).outcome === 'block'
}

/** What is wrong with a comparison: a witness that is not decided so, or a sign-in of a kind that there is none of. */
export function wrongComparison(
  found: Answer['diff'],
  from: Deciding,
  to: Deciding,
): string | undefined {
  if (found.unsupported !== undefined) return found.unsupported
  const [was, is] = [compile(from), compile(to)]
  const kind = (one: string, other: string) => `${one} → ${other}`
  const some = new Set<string>()
  for (const { change, verdict, ...more } of found.compared) {
    if (verdict === 'unknown') return `${kind(change.from, change.to)}: unknown`
    if (verdict === 'none') continue
    some.add(kind(change.from, change.to))
    const { signIn } = (more as { readonly witness: { readonly signIn: SignIn } }).witness
    const [before, after] = [was(signIn), is(signIn)]
    if (before.outcome !== change.from || after.outcome !== change.to)
      return `the witness of ${kind(change.from, change.to)} is ${kind(before.outcome, after.outcome)}`
  }
  for (const signIn of samples()) {
    const [before, after] = [was(signIn).outcome, is(signIn).outcome]
    if (before !== after && !some.has(kind(before, after)))
      return `no sign-in was said to be ${kind(before, after)}, and one is`
  }
  return undefined
}

/** What is wrong with a lint: something planted was missed, or a sign-in shows that something is needed. */
export function wrongLint(
  found: Answer['lint'][number],
  { rules, conditions }: Deciding,
): string | undefined {
  const [skipped] = found.skipped
  if (skipped !== undefined) return skipped
  const [first] = missed(found)
  if (first !== undefined) return `missed: ${first}`
  const tests = new Map(
    rules.map((rule) => [
      rule.name,
      compile({
        rules: [{ ...rule, event: { type: 'block', params: { code: 'it' } } }],
        conditions,
      }),
    ]),
  )
  const signIns = samples()
  for (const each of found.needless) {
    if (each.kind === 'redundant') continue
    const holds = (name: string) => {
      const test = tests.get(name)!
      return (signIn: SignIn) => test(signIn).outcome === 'block'
    }
    const [own, others] = [
      holds(each.rule),
      each.kind === 'covered' ? each.by.map((name) => holds(name)) : [],
    ]
    const isNeeded = (signIn: SignIn) =>
      each.kind === 'alwaysApplies'
        ? !own(signIn)
        : own(signIn) && !others.some((other) => other(signIn))
    if (signIns.some(isNeeded)) return `${each.rule}: not ${each.kind}`
  }
  return undefined
}

import type { FactTable, SignIn } from '../facts.ts'
import type { FactValue } from '../kinds.ts'
import { assumedFor, assumedNow, clockSkewMs, type Assumed, type Assumption } from '../sign-in.ts'

/** A whole sign-in made of the facts that were given, in the order of the table. */
export type Complete = (
  given: readonly (FactValue | undefined)[],
  now: number | undefined,
) => { readonly signIn: SignIn; readonly assumed: readonly Assumed[] } | undefined

/**
 * Fills in what was left out, as straight-line code made from the fact table. Undefined where something is missing that must
 * not be, or contradicts something else.
 */
export function signInCompleter(
  table: FactTable,
  assumptions: readonly Assumption[],
  reads: ReadonlySet<string> | undefined,
): Complete {
  const facts = Object.keys(table)
  const number = new Map(facts.map((fact, index) => [fact, index]))
  const name = (fact: string) => `fact${number.get(fact)!}`
  const values: unknown[] = []
  const valueName = (value: unknown) => `value${values.push(value) - 1}`
  const assumed = assumedFor(table, assumptions)
  const lines = facts.map((_, index) => `let fact${index} = given[${index}]`)

  for (const [fact, { origin }] of Object.entries(table)) {
    if (origin.by !== 'class') continue
    const [own, member] = [name(fact), name(origin.of)]
    lines.push(
      `if (${member} !== undefined) {`,
      `  const right = ${valueName(origin.classOf)}(${member})`,
      `  if (${own} !== undefined && ${own} !== right) return undefined`,
      `  ${own} = right`,
      `} else if (${own} === undefined) return undefined`,
      reads?.has(origin.of)
        ? 'else return undefined'
        : `else ${member} = ${valueName(origin.plainest)}(${own})`,
    )
  }
  lines.push(
    'let assumed = none',
    `if (${name('at')} === undefined && now !== undefined) {`,
    `  ${name('at')} = now`,
    `  assumed = [${valueName(assumedNow)}(now)]`,
    '}',
  )
  const assume = (shown: string) =>
    `assumed = assumed === none ? [${shown}] : (assumed.push(${shown}), assumed)`
  for (const [fact, { origin }] of Object.entries(table)) {
    if (origin.by !== 'caller') continue
    const own = name(fact)
    const absence = assumed.get(fact)
    const missing =
      absence !== undefined
        ? [
            `${own} = ${valueName(absence.value)}`,
            ...(reads === undefined || reads.has(fact) ? [assume(valueName(absence.shown))] : []),
          ]
        : origin.absence === 'refusedIfRead' && !reads?.has(fact)
          ? [`${own} = ${valueName(origin.value)}`]
          : ['return undefined']
    lines.push(`if (${own} === undefined) {`, ...missing.map((line) => `  ${line}`), '}')
  }
  for (const [fact, { isPast }] of Object.entries(table))
    if (isPast)
      lines.push(
        `if (${name(fact)} > ${name('at')} + ${clockSkewMs} && given[${number.get(fact)!}] !== undefined) return undefined`,
      )
  const members = facts.map(
    (fact) =>
      `${JSON.stringify(fact)}: ${table[fact]!.origin.by === 'engine' ? 'null' : name(fact)}`,
  )
  lines.push(`const signIn = { ${members.join(', ')} }`)
  for (const [fact, { origin }] of Object.entries(table))
    if (origin.by === 'engine')
      lines.push(`signIn[${JSON.stringify(fact)}] = ${valueName(origin.compute)}(signIn)`)
  lines.push('return { signIn, assumed }')
  const source = [
    `'use strict'`,
    ...values.map((_, index) => `const value${index} = values[${index}]`),
    'return (given, now) => {',
    ...lines,
    '}',
  ].join('\n')
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('values', 'none', source)(values, Object.freeze([])) as Complete
}

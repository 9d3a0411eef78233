import type { FactTable } from '../../facts.ts'
import { lastInstant, yearZero, type IdForm, type Kind } from '../../kinds.ts'
import { assumedFor, clockSkewMs, type Assumption } from '../../sign-in.ts'
import { computing } from './computing.ts'
import { integer, joined, named, not } from './names.ts'

/** All sign-ins that the parser admits: every fact of the table, with the values it can have. `ids` are those that somebody mentions. */
export function signIns(
  table: FactTable,
  assumptions: readonly Assumption[],
  ids: readonly string[],
): string {
  const facts = Object.entries(table)
  const values = facts.flatMap(([, { kind }]) => ('values' in kind ? kind.values : []))
  const forms = new Map<string, { readonly name: string; readonly form: IdForm }>()
  for (const [fact, { kind }] of facts)
    if ('form' in kind && !forms.has(kind.form.pattern.source))
      forms.set(kind.form.pattern.source, { name: named.form(fact), form: kind.form })
  const formOf = ({ pattern }: IdForm) => forms.get(pattern.source)!.name
  const absent = assumedFor(table, assumptions)

  return lines([
    `(declare-datatypes ((Value 0)) ((${[...new Set(values)].map((value) => `(${named.value(value)})`).join(' ')})))`,
    '(declare-sort Id 0)',
    ...ids.map((id) => `(declare-const ${named.id(id)} Id)`),
    ...(ids.length > 1 ? [asserted(`(distinct ${ids.map(named.id).join(' ')})`)] : []),
    ...[...forms.values()].flatMap(({ name, form }) => [
      `(declare-fun ${name} (Id) Bool)`,
      ...ids.map((id) => {
        const isOne = `(${name} ${named.id(id)})`
        return asserted(form.pattern.test(id) ? isOne : not(isOne))
      }),
    ]),
    ...facts.flatMap(([fact, { kind, origin }]) =>
      origin.by === 'engine' ? [] : declared(fact, kind),
    ),
    ...facts.flatMap(([fact, { origin }]) =>
      origin.by === 'class' ? classes(fact, origin.of, table[origin.of]!.kind, origin.classOf) : [],
    ),
    ...facts.flatMap(([fact, { isPast }]) => (isPast ? [past(fact)] : [])),
    ...facts.flatMap(([fact, { kind, origin }]) =>
      origin.by === 'engine' ? [defined(fact, kind)] : [],
    ),
  ])

  function declared(fact: string, kind: Kind): readonly string[] {
    const name = named.fact(fact)
    switch (kind.kind) {
      case 'flag':
        return [`(declare-const ${name} Bool)`]
      case 'oneOf':
        return [
          `(declare-const ${name} Value)`,
          asserted(
            joined(
              'or',
              kind.values.map((value) => `(= ${name} ${named.value(value)})`),
            ),
          ),
        ]
      case 'someOf':
        return [`(declare-fun ${name} (Value) Bool)`]
      case 'integer':
        return number(fact, kind.min, kind.max)
      case 'timestamp':
        return number(fact, yearZero, lastInstant)
      case 'timestampOrNever':
        return [...number(fact, yearZero, lastInstant), `(declare-const ${named.never(fact)} Bool)`]
      case 'id':
        return [`(declare-const ${name} Id)`, asserted(`(${formOf(kind.form)} ${name})`)]
      case 'ids':
        return [
          `(declare-fun ${name} (Id) Bool)`,
          asserted(`(forall ((member Id)) (=> (${name} member) (${formOf(kind.form)} member)))`),
        ]
    }
  }

  /** What is past is not after the sign-in, but for the clocks; what was assumed for it may be. */
  function past(fact: string): string {
    const name = named.fact(fact)
    const assumed = absent.get(fact)?.value
    return asserted(
      joined('or', [
        ...(table[fact]!.kind.kind === 'timestampOrNever' ? [named.never(fact)] : []),
        `(<= ${name} (+ ${named.fact('at')} ${clockSkewMs}))`,
        ...(typeof assumed === 'number' ? [`(= ${name} ${integer(assumed)})`] : []),
      ]),
    )
  }
}

const asserted = (term: string): string => `(assert ${term})`
const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('')

const number = (fact: string, min: number, max: number): readonly string[] => [
  `(declare-const ${named.fact(fact)} Int)`,
  asserted(`(<= ${integer(min)} ${named.fact(fact)} ${integer(max)})`),
]

/** A class and its member never contradict each other. */
function classes(
  fact: string,
  of: string,
  kind: Kind,
  classOf: (value: string) => string,
): readonly string[] {
  const members = kind.kind === 'oneOf' ? kind.values : []
  return members.map((member) =>
    asserted(
      `(=> (= ${named.fact(of)} ${named.value(member)}) (= ${named.fact(fact)} ${named.value(classOf(member))}))`,
    ),
  )
}

function defined(fact: string, kind: Kind): string {
  const term = computing[fact]
  if (term === undefined) throw new TypeError(`SMT-LIB has no words for how ${fact} is computed`)
  return `(define-fun ${named.fact(fact)} () ${kind.kind === 'flag' ? 'Bool' : 'Int'} ${term})`
}

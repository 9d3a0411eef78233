import { membersOf, termsIn, type Term } from '../compile/term.ts'
import type { Comparison } from '../condition.ts'
import { isReference } from '../constant.ts'
import { changed } from '../explain/changes.ts'
import type { FactSpec, FactTable, SignIn } from '../facts.ts'
import { lastInstant, shapeOf, yearZero, type FactValue } from '../kinds.ts'
import { assumedFor, clockSkewMs, isLater, type Assumption } from '../sign-in.ts'
import { certifier } from './certificate.ts'
import { classOf, equals, manyOf, oneOf, type Column } from './column.ts'
import { asked, computed, type Sources } from './computed.ts'
import { differences } from './differences.ts'
import { formula as formulaOf, type Formula } from './formula.ts'
import { isImpossible } from './impossible.ts'
import { partition } from './partition.ts'
import type { Literal } from './solver.ts'
import { tester, Unsupported } from './test.ts'

export type Encoding = ReturnType<typeof encoding>

/** One of the sign-ins that an encoding is about. */
export type Side = {
  readonly formula: Formula
  /** The literal of a term; throws `Unsupported` where a comparison in it is not modelled. */
  readonly literalOf: (term: Term) => Literal
  /** Facts that callers send and that something looks at. */
  readonly inputs: readonly string[]
  readonly columns: ReadonlyMap<string, Column>
  readonly is: (fact: string, value: FactValue) => Literal
  /** Holds where the fact is not what it is in the ordinary sign-in. */
  readonly deviates: (fact: string) => Literal
  /** That one number is at most so much more than another. */
  readonly atMost: (x: number, y: number, most: number) => Literal
  /** The sign-in of the last assignment found: wherever nothing tells otherwise, as the ordinary one is. */
  readonly signIn: () => SignIn
}

type Values = Readonly<Record<string, FactValue>>

/**
 * All sign-ins that the parser admits, as far as these terms tell them apart: a literal for every term, and from an
 * assignment of the literals back to a sign-in. `ordinary` is the sign-in from which others are said to deviate.
 */
export function encoding(
  table: FactTable,
  terms: readonly Term[],
  ordinary: SignIn,
  assumptions: readonly Assumption[],
) {
  const formula = formulaOf({
    contradiction: (isTrue) => times.contradiction(isTrue),
    suggestions: (isTrue) => times.suggestions(isTrue),
  })
  const times = differences(formula)
  const elapsed: Sources['elapsed'] = []
  const written = [...termsIn(terms)].flatMap((term) => (term.kind === 'test' ? [term.test] : []))
  const modelled = factsOf(table, written)
  const tests = [...written, ...[...modelled].flatMap((fact) => asked[fact] ?? [])]
  const links = linked(tests)
  const usual = ordinary as Values
  const inputs = Object.keys(table).filter(
    (fact) => modelled.has(fact) && table[fact]!.origin.by !== 'engine',
  )
  const first = side(new Map(), modelled, assumptions)
  const certifying = certifier((clause) =>
    isImpossible(
      clause.map((literal) => boundOf(-literal)),
      times.ranges,
    ),
  )

  return {
    ...first,
    /**
     * The same once more for a second sign-in, which may differ from the first in these facts and in what follows from them, and of
     * which other things may be assumed.
     */
    twin(differing: readonly string[], assumed = assumptions): Side {
      const own = new Set(differing)
      for (const [fact, { origin }] of Object.entries(table))
        if (origin.by === 'engine' && origin.from.some((each) => own.has(each))) own.add(fact)
      return side(first.columns, own, assumed)
    },
    certify,
    checked: certifying.checked,
  }

  /**
   * That no sign-in makes all these literals true, as the certifier sees it: undefined, or the clause that does not hold up, be
   * it one of those concluded up to now or this very answer.
   */
  function certify(impossible: readonly Literal[]): readonly Literal[] | undefined {
    const wrong = certifying.certify(formula.log.steps())
    const claim = impossible.map((literal) => -literal)
    return wrong ?? (certifying.follows(claim) ? undefined : claim)
  }

  /** One sign-in: of the facts that are its own with columns of its own, else with those of another. */
  function side(
    others: ReadonlyMap<string, Column>,
    own: ReadonlySet<string>,
    assumed: readonly Assumption[],
  ): Side {
    const columns = new Map<string, Column>()
    const literals = new Map<string, Literal>()
    const encoded = new Map<Term, Literal>()
    const testOf = tester(formula, (fact) => columns.get(fact)!, times.atMost)
    for (const fact of [...inputs, ...modelled])
      if (!columns.has(fact)) columns.set(fact, own.has(fact) ? made(fact) : others.get(fact)!)
    classes()
    pastIsPast()
    for (const fact of inputs) if (own.has(fact)) preferUsual(fact)

    return {
      formula,
      literalOf,
      inputs,
      columns,
      is: (fact, value) => equals(formula, columns.get(fact)!, value),
      deviates: (fact) => -equals(formula, columns.get(fact)!, usual[fact]!),
      atMost: times.atMost,
      signIn,
    }

    function made(fact: string): Column {
      const spec = table[fact]!
      return spec.origin.by === 'engine' ? computedColumn(fact) : columnOf(fact, spec)
    }

    function literalOf(term: Term): Literal {
      let literal = encoded.get(term)
      if (literal === undefined) {
        literal = joined(term)
        encoded.set(term, literal)
      }
      return literal
    }

    function joined(term: Term): Literal {
      switch (term.kind) {
        case 'all':
          return formula.all(membersOf(term).map(literalOf))
        case 'any':
          return formula.any(membersOf(term).map(literalOf))
        case 'not':
          return -literalOf(term.member)
        case 'test': {
          const key = JSON.stringify([term.test.fact, term.test.operator, term.test.value])
          let literal = literals.get(key)
          if (literal === undefined) literals.set(key, (literal = testOf(term.test)))
          return literal
        }
      }
    }

    function columnOf(fact: string, spec: FactSpec): Column {
      const { kind, origin } = spec
      switch (kind.kind) {
        case 'integer':
          return numberColumn(fact, kind.min, kind.max, -formula.always)
        case 'timestamp':
          return numberColumn(fact, yearZero, lastInstant, -formula.always)
        case 'timestampOrNever':
          return numberColumn(fact, yearZero, lastInstant, formula.choice())
        default: {
          const group = (links.get(fact) ?? [fact]).map((each) => ({
            fact: each,
            kind: table[each]!.kind,
            usual: usual[each]!,
          }))
          // Members of one class must be of one class of the fact above, too, where both are looked at.
          const above =
            origin.by === 'caller' && origin.absence === 'classified' && modelled.has(origin.class)
              ? table[origin.class]!.origin
              : undefined
          const apart = (value: unknown) =>
            above?.by === 'class' ? above.classOf(value as string) : undefined
          const parts = partition(fact, spec, tests, group, apart)
          return shapeOf(kind).depth === 0 ? oneOf(formula, parts) : manyOf(formula, parts)
        }
      }
    }

    function numberColumn(fact: string, min: number, max: number, never: Literal): Column {
      const value = usual[fact]
      const range = { min, max, usual: typeof value === 'number' ? value : 0 }
      const number = times.number(range)
      return {
        holds: 'number',
        ...range,
        atMost: (most) => times.atMost(number, 0, most),
        never,
        number,
      }
    }

    function computedColumn(fact: string): Column {
      const make = computed[fact]
      if (make === undefined)
        throw new Unsupported(`the prover does not know how ${fact} is computed`)
      return make({
        formula,
        number: (source) => columns.get(source) as never,
        newNumber: times.number,
        holds: testOf,
        atMost: times.atMost,
        elapsed,
      })
    }

    /** A class and its member never contradict each other. */
    function classes(): void {
      for (const [fact, { origin }] of Object.entries(table)) {
        if (origin.by !== 'class' || !modelled.has(fact) || !modelled.has(origin.of)) continue
        if (!own.has(fact) && !own.has(origin.of)) continue
        const [above, below] = [columns.get(fact)!, columns.get(origin.of)!]
        if (below.holds !== 'one' || above.holds !== 'one') continue
        for (const [index, { value }] of below.classes.entries())
          formula.add([
            -below.of[index]!,
            above.of[classOf(above.classes, origin.classOf(value as string))]!,
          ])
      }
    }

    /** What is past is not after the sign-in, but for the clocks; what was assumed for it may be. */
    function pastIsPast(): void {
      const absent = assumedFor(table, assumed)
      const at = columns.get('at')
      for (const fact of inputs) {
        const column = columns.get(fact)!
        if (!table[fact]!.isPast || column.holds !== 'number' || at?.holds !== 'number') continue
        if (!own.has(fact) && !own.has('at')) continue
        const instead = absent.get(fact)
        formula.add([
          column.never,
          times.atMost(column.number!, at.number!, clockSkewMs),
          ...(instead === undefined ? [] : [equals(formula, column, instead.value)]),
        ])
      }
    }

    /** The solver tries what is ordinary first, so that what it finds is near to it. */
    function preferUsual(fact: string): void {
      const column = columns.get(fact)!
      const value = usual[fact]!
      if (column.holds === 'number') {
        if (value === null) formula.prefer(column.never)
        return
      }
      const has = new Set([value].flat().map((each) => classOf(column.classes, each)))
      for (const [index, literal] of column.of.entries())
        formula.prefer(has.has(index) ? literal : -literal)
    }

    function signIn(): SignIn {
      const numbers = times.values(formula.isTrue)
      const changes = inputs.map((fact) => ({ fact, to: valueOf(fact, numbers) }))
      const found = changed(ordinary, changes, table)
      // What lies in the past goes along with the time of the sign-in, though nothing looks at it.
      const past = Object.keys(table).filter(
        (fact) =>
          table[fact]!.isPast && !columns.has(fact) && isLater(found[fact as never], found.at),
      )
      return changed(
        found,
        past.map((fact) => ({ fact, to: found.at })),
        table,
      )
    }

    function valueOf(fact: string, numbers: readonly number[]): FactValue {
      const column = columns.get(fact)!
      const value = usual[fact]!
      switch (column.holds) {
        case 'one': {
          const index = column.of.findIndex(formula.isTrue)
          return index === classOf(column.classes, value) ? value : column.classes[index]!.value
        }
        case 'many':
          return column.of.flatMap((literal, index) => {
            if (!formula.isTrue(literal)) return []
            const same = (value as readonly string[]).filter(
              (each) => classOf(column.classes, each) === index,
            )
            return same.length > 0 ? same : [column.classes[index]!.value as string]
          })
        case 'number':
          return formula.isTrue(column.never) ? null : numbers[column.number!]!
      }
    }
  }

  function boundOf(literal: Literal) {
    const { x, y, most } = times.meanings.get(Math.abs(literal))!
    return literal > 0 ? { x, y, most } : { x: y, y: x, most: -most - 1 }
  }
}

/** The facts of these tests, what they are computed from, and the time of the sign-in where it bounds one of them. */
function factsOf(table: FactTable, tests: readonly Comparison[]): ReadonlySet<string> {
  const facts = new Set<string>()
  const add = (fact: string): void => {
    if (facts.has(fact)) return
    facts.add(fact)
    const { origin, isPast } = table[fact]!
    if (origin.by === 'engine') origin.from.forEach(add)
    if (isPast) add('at')
  }
  for (const { fact, value } of tests) {
    add(fact)
    if (isReference(value)) add(value.fact)
  }
  return facts
}

/** Facts that are compared with one another, by each of them. */
function linked(tests: readonly Comparison[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>()
  for (const { fact, value } of tests) {
    if (!isReference(value)) continue
    const [one, other] = [groups.get(fact) ?? [fact], groups.get(value.fact) ?? [value.fact]]
    const both = [...new Set([...one, ...other])]
    for (const each of both) groups.set(each, both)
  }
  return groups
}

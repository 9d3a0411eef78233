import type { FactTable, SignIn } from '../facts.ts'
import type { FactValue, Kind } from '../kinds.ts'
import { mentioned, near } from '../told-apart.ts'
import type { RuleSet } from '../rule-set.ts'

/** Another value of a fact that a caller sends. */
export type Change = { readonly fact: string; readonly to: FactValue }

type Values = Readonly<Record<string, FactValue>>

/** More values of one fact are not tried: rules may name thousands of ids. */
const mostValues = 64

/** Makes the changes of one fact that the rules may tell from the sign-in as it is, for each of these facts in turn. */
export function changer(ruleSet: RuleSet, table: FactTable, facts: readonly string[]) {
  const constants = new Map<string, readonly FactValue[]>()
  const constantsOf = (fact: string): readonly FactValue[] => {
    let known = constants.get(fact)
    if (known === undefined) constants.set(fact, (known = [...mentioned(ruleSet, fact)]))
    return known
  }
  // A sign-in at another time is another sign-in.
  const changeable = facts.filter((fact) => {
    const { origin } = table[fact]!
    // A class changes with its member, where the rules look at both.
    const follows = origin.by === 'class' && facts.includes(origin.of)
    return origin.by !== 'engine' && fact !== 'at' && !follows
  })

  return (signIn: SignIn): readonly (readonly Change[])[] => {
    const values = signIn as Values
    const times = near(
      Object.keys(table).flatMap((fact) => (isTime(table[fact]!.kind) ? [values[fact]] : [])),
    )
    return changeable.map((fact) => {
      const is = values[fact]!
      const others = [...new Set(othersOf(table[fact]!.kind, is, constantsOf(fact), times))]
      return others
        .filter((to) => to !== is)
        .slice(0, mostValues)
        .map((to) => ({ fact, to }))
    })
  }
}

/** The sign-in with these changes, and with what follows from them. */
export function changed(signIn: SignIn, changes: readonly Change[], table: FactTable): SignIn {
  const values: Record<string, FactValue> = { ...(signIn as Values) }
  for (const { fact, to } of changes) {
    values[fact] = to
    const { origin } = table[fact]!
    if (origin.by === 'class') values[origin.of] = origin.plainest(to as string)
    if (origin.by === 'caller' && origin.absence === 'classified') {
      const above = table[origin.class]!.origin
      if (above.by === 'class') values[origin.class] = above.classOf(to as string)
    }
  }
  for (const [fact, compute] of computedIn(table)) values[fact] = compute(values)
  return values as SignIn
}

const known = new WeakMap<FactTable, ReturnType<typeof computedFacts>>()

/** Of each table once, since sign-ins are changed by the thousand. */
function computedIn(table: FactTable) {
  let computed = known.get(table)
  if (computed === undefined) known.set(table, (computed = computedFacts(table)))
  return computed
}

const computedFacts = (table: FactTable) =>
  Object.entries(table).flatMap(([fact, { origin }]) =>
    origin.by === 'engine' ? [[fact, origin.compute] as const] : [],
  )

/** Values near what is: of lists one member more or less, of numbers and times those around what they are compared with. */
function othersOf(
  kind: Kind,
  is: FactValue,
  constants: readonly FactValue[],
  times: readonly number[],
): readonly FactValue[] {
  switch (kind.kind) {
    case 'flag':
      return [true, false]
    case 'oneOf':
      return kind.values
    case 'someOf':
      return aroundList(is as readonly string[], kind.values)
    case 'ids':
      return aroundList(is as readonly string[], constants as readonly string[])
    case 'id':
      return constants
    case 'integer':
      return [kind.min, kind.max, ...near([...constants, is])].filter(
        (value) => value >= kind.min && value <= kind.max,
      )
    case 'timestamp':
      return [...near(constants), ...times]
    case 'timestampOrNever':
      return [null, ...near(constants), ...times]
  }
}

function aroundList(is: readonly string[], members: readonly string[]): readonly FactValue[] {
  const fewer = is.map((_, index) => is.toSpliced(index, 1))
  const more = members.filter((member) => !is.includes(member)).map((member) => [...is, member])
  return [...fewer, ...more, ...(is.length > 1 ? [[]] : [])]
}

const isTime = ({ kind }: Kind) => kind === 'timestamp' || kind === 'timestampOrNever'

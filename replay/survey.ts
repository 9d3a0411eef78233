import type { Fields } from './fields.ts'
import { textOf } from './fields.ts'
import { categoryOfFile, mapFields, type Mapped } from './mapping.ts'
import { readInput, type Input } from './reading/inputs.ts'
import { hashOf, RecordPlaces } from './record-places.ts'
import { orderOf, type DayOrder } from './time.ts'

/** What the first pass finds out about a user. */
export type SurveyedUser = {
  /** The first successful interactive sign-in since the day of enabling, in milliseconds since 1970. */
  readonly first?: number
  /** Methods that were used, so that they are registered. */
  readonly methods?: readonly string[]
}

/**
 * What has to be known of all rows before the first is decided: when each grace period begins, who has shown to be registered, and which
 * records come more than once. Parts of logs are surveyed apart and merged in any order.
 */
export type Survey = {
  /** Of the sign-ins, milliseconds since 1970; undefined when there is none. */
  readonly from?: number
  readonly to?: number
  readonly users: ReadonlyMap<string, SurveyedUser>
  readonly records: RecordPlaces
  /** Of logs whose language shows. */
  readonly orders: ReadonlyMap<string, DayOrder>
}

export type SurveyOptions = {
  /** Nothing before it starts a grace period. */
  readonly enabledAt?: number
  readonly order?: DayOrder
  /** Where in the order of all logs the first of these stands. */
  readonly firstIndex?: number
}

export const emptySurvey = (): Survey => ({
  users: new Map(),
  records: new RecordPlaces(),
  orders: new Map(),
})

/** A place that grows in the order of logs and of rows in them. */
export const placeOf = (index: number, row: number): number => index * 2 ** 36 + row

/** The first pass over logs. */
export async function surveyOf(
  inputs: readonly Input[],
  options: SurveyOptions,
  read?: (bytes: number) => void,
): Promise<Survey> {
  let all = emptySurvey()
  for (const [index, input] of inputs.entries())
    all = mergedSurveys(
      all,
      await surveyInput(input, (options.firstIndex ?? 0) + index, options, read),
    )
  return all
}

async function surveyInput(
  input: Input,
  index: number,
  options: SurveyOptions,
  read?: (bytes: number) => void,
): Promise<Survey> {
  const proved = new Set<DayOrder>()
  const first = await pass(options.order)
  const [order] = proved
  if (options.order !== undefined || order === undefined || proved.size > 1) return first
  // The log told its order only on the way: times that could not be read before it can be now.
  const again = await pass(order)
  return { ...again, orders: new Map([[input.name, order]]) }

  async function pass(order: DayOrder | undefined): Promise<Survey> {
    const users = new Map<string, SurveyedUser>()
    const records = new RecordPlaces()
    let [from, to] = [Infinity, -Infinity]
    let rows = 0
    const ofLog = { order, category: categoryOfFile(input.name) }
    await readInput(
      input,
      (row) => {
        const place = placeOf(index, rows++)
        if (row.unreadable !== undefined || row.entry !== undefined) return
        if (order === undefined) prove(row.fields)
        const mapped = mapFields(row.fields, ofLog)
        if (mapped.record !== undefined) records.add(hashOf(mapped.record), place)
        if (mapped.unmapped !== undefined) return
        from = Math.min(from, mapped.at)
        to = Math.max(to, mapped.at)
        const found = learnt(mapped, options.enabledAt)
        if (found !== undefined) users.set(mapped.user, mergedUsers(users.get(mapped.user), found))
      },
      read,
    )
    return { ...(from <= to && { from, to }), users, records, orders: new Map() }
  }

  function prove({ createdAt, writtenAt }: Fields): void {
    const order = orderOf(textOf(createdAt ?? writtenAt) ?? '')
    if (order !== undefined) proved.add(order)
  }
}

function learnt(
  mapped: Exclude<Mapped, { unmapped: string }>,
  enabledAt = -Infinity,
): SurveyedUser | undefined {
  const methods = (mapped.facts['user'] as { readonly registeredMethods?: readonly string[] })
    .registeredMethods
  const isFirst =
    mapped.recorded === 'allow' &&
    mapped.category !== 'nonInteractive' &&
    mapped.category !== 'servicePrincipal' &&
    mapped.category !== 'managedIdentity' &&
    mapped.at >= enabledAt
  if (!isFirst && methods === undefined) return undefined
  return { ...(isFirst && { first: mapped.at }), ...(methods && { methods }) }
}

function mergedUsers(one: SurveyedUser | undefined, other: SurveyedUser): SurveyedUser {
  if (one === undefined) return other
  const first = smaller(one.first, other.first)
  const methods =
    one.methods === undefined || other.methods === undefined || one.methods === other.methods
      ? (one.methods ?? other.methods)
      : [...new Set([...one.methods, ...other.methods])].sort()
  return { ...(first !== undefined && { first }), ...(methods && { methods }) }
}

const smaller = (one: number | undefined, other: number | undefined) =>
  one === undefined ? other : other === undefined ? one : Math.min(one, other)

export function mergedSurveys(one: Survey, other: Survey): Survey {
  const users = new Map(one.users)
  for (const [user, found] of other.users) users.set(user, mergedUsers(users.get(user), found))
  one.records.merge(other.records)
  const from = smaller(one.from, other.from)
  const to = one.to === undefined ? other.to : Math.max(one.to, other.to ?? one.to)
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    users,
    records: one.records,
    orders: new Map([...one.orders, ...other.orders]),
  }
}

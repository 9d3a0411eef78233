import { outcomes, type Outcome } from '../engine/index.ts'

/** How often each outcome became each other: nine numbers, from the outcome before (× 3) to the one after. */
export type Flows = number[]
export const flowOf = (before: Outcome, after: Outcome): number =>
  outcomes.indexOf(before) * 3 + outcomes.indexOf(after)
/** Whether something is asked or refused that was not before. */
export const isHit = (before: Outcome, after: Outcome): boolean =>
  outcomes.indexOf(after) > outcomes.indexOf(before)

/** Sign-ins of one user under what may be so of them, as far as it is not known. */
export type Bounds = {
  /** Hit whatever is so of them. */
  least: number
  /** Hit if they hold no role and, unless the log shows it, are not registered: what the other figures rest on. */
  usual: number
  /** Hit if it is as bad as it can be, but they hold no role. */
  mostWithoutRole: number
  /** Hit if it is as bad as it can be. */
  most: number
}

export type Prompts = [signIns: number, before: number, after: number]

export type UserTally = {
  name?: string
  type: string
  flows: Flows
  bounds: Bounds
  /** Sign-ins with a legacy client. */
  legacy: number
  interactive: number
  isAdministrator: boolean
  isInDirectory: boolean
  /** The first moment at which they can't get on without registering, milliseconds since 1970. */
  registerBy?: number
  lastAt: number
  /** By day since 1970. */
  days: Map<number, Prompts>
}

export type DeviceTally = {
  user: string
  clientApp: string
  ip: string
  userAgent: string
  signIns: number
  hits: number
  from: number
  to: number
  days: Set<number>
}

/** Attempts without the right password. */
export type GuessTally = { attempts: number; legacy: number; ips: Set<string> }

export type Place = { readonly at: number; readonly file: string; readonly row: number }
/** Of each reason so many places are kept, the first ones. */
export const mostPlaces = 5

/** What the second pass counts. Parts are merged by adding them, in any order. */
export type Tally = {
  files: Map<string, { rows: number; decided: number; shape: string }>
  unmapped: Map<string, { rows: number; places: Place[] }>
  unrecognised: Map<string, number>
  inferred: Map<string, number>
  /** By fact: rows, and as JSON what was assumed and why. */
  assumed: Map<string, { rows: number; value: string; because: string }>
  categories: Map<string, number>
  flows: Flows
  requirements: Map<string, { signIns: number; users: Set<string> }>
  by: Record<Dimension, Map<string, { flows: Flows; users: Set<string> }>>
  users: Map<string, UserTally>
  devices: Map<string, DeviceTally>
  guesses: Map<string, GuessTally>
}

export const dimensions = ['app', 'clientApp', 'ip', 'country', 'rule'] as const
export type Dimension = (typeof dimensions)[number]

export const noFlows = (): Flows => [0, 0, 0, 0, 0, 0, 0, 0, 0]

export const emptyTally = (): Tally => ({
  files: new Map(),
  unmapped: new Map(),
  unrecognised: new Map(),
  inferred: new Map(),
  assumed: new Map(),
  categories: new Map(),
  flows: noFlows(),
  requirements: new Map(),
  by: { app: new Map(), clientApp: new Map(), ip: new Map(), country: new Map(), rule: new Map() },
  users: new Map(),
  devices: new Map(),
  guesses: new Map(),
})

/** The member of a map, made when it is not there. */
export function memberIn<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

export const countIn = (map: Map<string, number>, key: string, more = 1): void =>
  void map.set(key, (map.get(key) ?? 0) + more)

export const firstPlaces = (places: readonly Place[]): Place[] =>
  [...places].sort((a, b) => a.at - b.at).slice(0, mostPlaces)

const mostAddresses = 32

/** Of very many addresses the smallest are kept, so that the same are kept whatever comes first. */
export function keepSmallest(kept: Set<string>, values: Iterable<string>): void {
  for (const value of values) {
    kept.add(value)
    if (kept.size > mostAddresses) kept.delete([...kept].sort().at(-1)!)
  }
}

import {
  countIn,
  dimensions,
  firstPlaces,
  keepSmallest,
  memberIn,
  noFlows,
  type DeviceTally,
  type Flows,
  type Tally,
  type UserTally,
} from './tally.ts'

const addFlows = (to: Flows, more: Flows) => more.forEach((count, at) => (to[at]! += count))
const addAll = <T>(to: Set<T>, more: ReadonlySet<T>) => more.forEach((each) => to.add(each))

/** Adds a part to a tally. In whatever order parts are added, the sum is the same. */
export function addTally(to: Tally, part: Tally): void {
  for (const [file, { rows, decided, shape }] of part.files) {
    const known = memberIn(to.files, file, () => ({ rows: 0, decided: 0, shape }))
    known.rows += rows
    known.decided += decided
    if (known.shape === '' || (shape !== '' && shape < known.shape)) known.shape = shape
  }
  for (const [reason, { rows, places }] of part.unmapped) {
    const known = memberIn(to.unmapped, reason, () => ({ rows: 0, places: [] }))
    known.rows += rows
    known.places = firstPlaces([...known.places, ...places])
  }
  for (const name of ['unrecognised', 'inferred', 'categories'] as const)
    for (const [what, count] of part[name]) countIn(to[name], what, count)
  for (const [fact, each] of part.assumed)
    memberIn(to.assumed, fact, () => ({ ...each, rows: 0 })).rows += each.rows
  addFlows(to.flows, part.flows)
  for (const [requirement, { signIns, users }] of part.requirements) {
    const known = memberIn(to.requirements, requirement, () => ({ signIns: 0, users: new Set() }))
    known.signIns += signIns
    addAll(known.users, users)
  }
  for (const dimension of dimensions)
    for (const [value, { flows, users }] of part.by[dimension]) {
      const known = memberIn(to.by[dimension], value, () => ({
        flows: noFlows(),
        users: new Set(),
      }))
      addFlows(known.flows, flows)
      addAll(known.users, users)
    }
  for (const [user, each] of part.users) {
    const known = to.users.get(user)
    if (known === undefined) to.users.set(user, copyOfUser(each))
    else addUser(known, each)
  }
  for (const [key, each] of part.devices) {
    const known = to.devices.get(key)
    if (known === undefined) to.devices.set(key, { ...each, days: new Set(each.days) })
    else addDevice(known, each)
  }
  for (const [user, { attempts, legacy, ips }] of part.guesses) {
    const known = memberIn(to.guesses, user, () => ({
      attempts: 0,
      legacy: 0,
      ips: new Set<string>(),
    }))
    known.attempts += attempts
    known.legacy += legacy
    keepSmallest(known.ips, ips)
  }
}

const copyOfUser = (user: UserTally): UserTally => ({
  ...user,
  flows: [...user.flows],
  bounds: { ...user.bounds },
  days: new Map([...user.days].map(([day, counts]) => [day, [...counts]])),
})

function addUser(to: UserTally, more: UserTally): void {
  if (more.name !== undefined && (to.name === undefined || more.name < to.name)) to.name = more.name
  if (more.type < to.type) to.type = more.type
  addFlows(to.flows, more.flows)
  for (const bound of ['least', 'usual', 'mostWithoutRole', 'most'] as const)
    to.bounds[bound] += more.bounds[bound]
  to.legacy += more.legacy
  to.interactive += more.interactive
  to.isAdministrator ||= more.isAdministrator
  to.isInDirectory ||= more.isInDirectory
  if (more.registerBy !== undefined)
    to.registerBy = Math.min(to.registerBy ?? more.registerBy, more.registerBy)
  to.lastAt = Math.max(to.lastAt, more.lastAt)
  for (const [day, counts] of more.days) {
    const known = to.days.get(day)
    if (known === undefined) to.days.set(day, [...counts])
    else counts.forEach((count, at) => (known[at]! += count))
  }
}

function addDevice(to: DeviceTally, more: DeviceTally): void {
  to.signIns += more.signIns
  to.hits += more.hits
  to.from = Math.min(to.from, more.from)
  to.to = Math.max(to.to, more.to)
  addAll(to.days, more.days)
}

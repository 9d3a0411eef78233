import { branches } from './read-object.ts'
import type { Branch, Reference, Shown } from './tree.ts'

/** A condition that others refer to. If it refers on itself, that decides, whatever else it holds. */
export type Shared = {
  /** The members that it has itself: they take the place of those of a condition that refers to it. */
  readonly own: Partial<Omit<Shown, 'branch'>>
  readonly branch: Branch | undefined
  /** Undefined too when it refers to none that is there. */
  readonly next: Shared | undefined
  readonly height: number
}

/** What decides instead of a reference, and what is shown of it then. */
export function resolved(
  skipped: Shown,
  next: Shared | undefined,
): Pick<Reference, 'target' | 'skipped' | 'evaluated'> {
  let evaluated = skipped
  let target: Branch | undefined
  for (let shared = next; shared !== undefined; shared = shared.next) {
    const branch = firstFound(evaluated.branch, shared.branch)
    evaluated = { ...evaluated, ...shared.own, branch }
    target = Object.hasOwn(shared.own, 'condition') ? undefined : shared.branch
  }
  return { target, skipped, evaluated }
}

/** Of two lists in one object the first found; of two of one kind the later. */
function firstFound(earlier: Branch | undefined, later: Branch | undefined): Branch | undefined {
  if (earlier === undefined || later === undefined) return later ?? earlier
  return branches.indexOf(earlier.kind) < branches.indexOf(later.kind) ? earlier : later
}

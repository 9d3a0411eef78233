import { follow } from './path.ts'
import type { Read } from './tree.ts'

/** What evaluation depends on beside the rules and the facts of a run. */
export type Scope = {
  /** Facts added to the engine; those of a run take their place. */
  readonly facts: ReadonlyMap<string, unknown>
  readonly allowUndefinedFacts: boolean
  readonly allowUndefinedConditions: boolean
}

/**
 * Looks a fact up among those of a run.
 * @throws an error with the code UNDEFINED_FACT, as json-rules-engine does, or UNSUPPORTED_FACT for a function or promise
 */
export type Look = (facts: object) => unknown

export function looker({ fact, path }: Read, scope: Scope): Look {
  const look = factLooker(fact, scope)
  if (path === undefined) return look
  const find = follow(path)
  return (facts) => {
    const whole = look(facts)
    return typeof whole === 'object' && whole !== null ? settled(find(whole), fact) : whole
  }
}

function factLooker(fact: unknown, scope: Scope): Look {
  if (typeof fact !== 'string') return () => otherwise(fact, scope)
  const value = scope.facts.get(fact)
  const known = scope.facts.has(fact)
  return (facts) => {
    if (isGiven(facts, fact)) return settled((facts as Record<string, unknown>)[fact], fact)
    return known ? value : otherwise(fact, scope)
  }
}

function otherwise(fact: unknown, { allowUndefinedFacts }: Scope): undefined {
  if (allowUndefinedFacts) return undefined
  throw Object.assign(new Error(`Undefined fact: ${fact as string}`), { code: 'UNDEFINED_FACT' })
}

/** The facts of a run as an object, whatever was passed. */
export function given(facts: unknown): object {
  const object = Object(facts ?? {}) as object
  if (isGiven(object, '')) throw new Error('factId required')
  return object
}

/** Whether `for … in` meets it, which is how json-rules-engine collects facts. */
function isGiven(facts: object, fact: string): boolean {
  if (Object.prototype.propertyIsEnumerable.call(facts, fact)) return true
  let holder: object | null = facts
  while (holder !== null && !Object.hasOwn(holder, fact))
    holder = Object.getPrototypeOf(holder) as object | null
  return holder !== null && Object.prototype.propertyIsEnumerable.call(holder, fact)
}

/** json-rules-engine would call the function or wait for the promise; never is one taken for a value here. */
function settled(value: unknown, fact: unknown): unknown {
  if (!isUnsettled(value)) return value
  const message = `Unsupported fact: ${fact as string} is a function, a promise or a Fact, and evaluation is synchronous`
  throw Object.assign(new Error(message), { code: 'UNSUPPORTED_FACT' })
}

/** A function, something with a method `then`, or an instance of json-rules-engine's Fact. */
export function isUnsettled(value: unknown): boolean {
  if (typeof value === 'function') return true
  if (typeof value !== 'object' || value === null) return false
  const { then, isDynamic } = value as { then?: unknown; isDynamic?: unknown }
  return typeof then === 'function' || typeof isDynamic === 'function'
}

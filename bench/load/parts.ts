/** A sign-in cut as decision points of other makers want it: who, what is asked for, and everything else. */
export type Parts = {
  /** The envelope's; missing where it tells none. */
  readonly userId: string | undefined
  /** Facts of the user by their names. */
  readonly user: Json
  readonly resourceId: string
  readonly resource: Json
  /** All other facts by their areas. */
  readonly others: Json
}

export type Json = { readonly [name: string]: unknown }

/**
 * Cuts a sign-in given as JSON text; undefined where it is no JSON object. What is asked for is an application, `unknown` where
 * its id is missing.
 */
export function partsOf(signIn: string): Parts | undefined {
  const read = jsonOf(signIn)
  if (!isObject(read)) return undefined
  const { user, resource, envelope, ...others } = read
  const { userId, userPrincipalName } = isObject(envelope) ? envelope : {}
  const application = isObject(resource) ? resource : {}
  return {
    userId: idOf(userId) ?? idOf(userPrincipalName),
    user: isObject(user) ? user : {},
    resourceId: idOf(application['appId']) ?? 'unknown',
    resource: application,
    others,
  }
}

/** Undefined where the text is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const idOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

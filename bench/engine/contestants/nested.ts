import type { SignIn } from '../../../engine/index.ts'

/** `{ user: { roles } }` for `{ 'user.roles' }`, as it would come out of a request. */
export function nested(signIn: SignIn): object {
  const areas: Record<string, Record<string, unknown>> = {}
  const alone: Record<string, unknown> = {}
  for (const [fact, value] of Object.entries(signIn)) {
    const [area, member] = fact.split('.') as [string, string | undefined]
    if (member === undefined) alone[area] = value
    else (areas[area] ??= {})[member] = value
  }
  return JSON.parse(JSON.stringify({ ...alone, ...areas })) as object
}

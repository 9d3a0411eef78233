import { didYouMean, envelopeMembers, facts } from '../../../engine/index.ts'

/** A sign-in and its decision as the log may have them, and what was left out. */
export type Masked = {
  readonly body: Uint8Array
  readonly decision: string
  readonly masked: readonly string[]
}

export type Mask = (body: Uint8Array, decision: string) => Masked

type Members = Record<string, unknown>

const areaOfPacks = 'custom'
const correlationId = '/envelope/correlationId'
const pointers = new Set([
  `/${areaOfPacks}`,
  ...['envelope', ...envelopeMembers.map((member) => `envelope/${member}`)].map((of) => `/${of}`),
  ...Object.entries(facts).flatMap(([fact, { origin }]) =>
    origin.by === 'engine' ? [] : [`/${fact.split('.')[0]}`, `/${fact.replace('.', '/')}`],
  ),
])

/** What is wrong with the first of these that leads nowhere: a misspelt one would mask nothing. */
export function maskFault(listed: readonly string[]): string | undefined {
  const wrong = listed.find(
    (pointer) => !pointers.has(pointer) && !pointer.startsWith(`/${areaOfPacks}/`),
  )
  if (wrong === undefined) return undefined
  const { hint } = didYouMean(wrong, pointers)
  return `expected JSON pointers to members of a sign-in, such as /envelope/ipAddress, got ${JSON.stringify(wrong)}${hint === undefined ? '' : ` (${hint})`}`
}

/** Leaves out what the pointers lead to. Bodies have been decided, so they are JSON of areas and members, each there once. */
export function masking(listed: readonly string[]): Mask {
  const paths = listed.map((pointer) => ({ pointer, names: pointer.slice(1).split('/') }))
  const answered = listed.some((pointer) => correlationId.startsWith(pointer))
  return (body, decision) => {
    const signIn = JSON.parse(new TextDecoder().decode(body)) as Members
    const masked = paths.flatMap(({ pointer, names }) => (drop(signIn, names) ? [pointer] : []))
    if (masked.length === 0) return { body, decision, masked }
    return {
      body: Buffer.from(JSON.stringify(signIn)),
      decision: answered ? withoutCorrelationId(decision) : decision,
      masked,
    }
  }
}

function drop(from: Members, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined || !Object.hasOwn(from, name)) return false
  if (rest.length > 0) return drop(from[name] as Members, rest)
  return delete from[name]
}

function withoutCorrelationId(decision: string): string {
  const { correlationId: _, ...others } = JSON.parse(decision) as Members
  return JSON.stringify(others)
}

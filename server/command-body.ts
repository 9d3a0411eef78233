import { didYouMean, pointerTo, show, type Fault } from '../engine/index.ts'
import { readBody, refusal, type Asked } from './body.ts'
import { problem } from './problems.ts'

/** What a member of a body is, in words, and whether it has to be there. */
type Members = Readonly<Record<string, { readonly expected: string; readonly optional?: true }>>

/** Bytes of what an operator asks. */
const limit = 4_096

/**
 * What an operator asks: a JSON object of texts, or nothing where nothing is needed. The media type has to be said all the same, so
 * that no web page can send it unasked.
 */
export async function commandBody<M extends Members>(
  c: Asked,
  members: M,
): Promise<{ readonly [N in keyof M]?: string } | Response> {
  const bytes = refusal(c, limit, ['json']) ?? (await readBody(c, limit))
  if (bytes instanceof Response) return bytes
  let body: unknown = {}
  try {
    if (bytes.length > 0) body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    return problem('invalid-json', (error as Error).message)
  }
  const faults = faultsOf(body, members)
  if (faults.length === 0) return body as { readonly [N in keyof M]?: string }
  const { pointer, expected, got } = faults[0]!
  return problem('invalid-request', `${pointer || 'the body'}: expected ${expected}, got ${got}`, {
    faults,
  })
}

function faultsOf(body: unknown, members: Members): readonly Fault[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return [{ pointer: '', expected: 'an object', got: show(body) }]
  const given = new Map<string, unknown>(Object.entries(body))
  const names = Object.keys(members)
  const missing = Object.entries(members).flatMap(([name, { expected, optional }]): Fault[] => {
    const value = given.get(name)
    if (typeof value === 'string' || (value === undefined && optional)) return []
    return [{ pointer: pointerTo('', name), expected, got: show(value) }]
  })
  const unknown = [...given.keys()]
    .filter((name) => !names.includes(name))
    .map((name): Fault => ({
      pointer: pointerTo('', name),
      expected: names.length === 0 ? 'no member' : `only ${names.join(', ')}`,
      got: show(name),
      about: 'name',
      ...didYouMean(name, names),
    }))
  return [...missing, ...unknown]
}

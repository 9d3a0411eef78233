/** The span of the caller, as the `traceparent` header tells it (W3C Trace Context, level 1). */
export type Parent = { readonly traceId: string; readonly spanId: string }

const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:$|-)/
const ofVersion0 = 55

export function parentOf(traceparent: string | undefined): Parent | undefined {
  if (traceparent === undefined || !isWellFormed(traceparent)) return undefined
  const [, traceId, spanId] = form.exec(traceparent)!
  return { traceId: traceId!, spanId: spanId! }
}

/**
 * Whether the decision of such a request is to be traced: as its caller says, or so many of those whose callers say nothing. Makes
 * nothing, since it is asked for every decision.
 */
export function isSampled(
  traceparent: string | undefined,
  ratio: number,
  random: () => number = Math.random,
): boolean {
  if (traceparent === undefined || !isWellFormed(traceparent)) return random() < ratio
  return (Number.parseInt(traceparent[54]!, 16) & 1) === 1
}

/** The version 00 has nothing behind the flags; later ones may. */
const isWellFormed = (text: string): boolean =>
  form.test(text) && (text.length === ofVersion0 || !text.startsWith('00'))

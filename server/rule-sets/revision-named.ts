import type { Refused } from './activation.ts'

const prefix = 'sha256:'
/** Fewer digits tell too little. */
const leastDigits = 4

/** The one of the kept revisions that is meant: said whole, or by as many of its first digits as tell it from the others. */
export function revisionNamed(
  given: string,
  kept: readonly string[],
): { readonly revision: string } | Refused {
  const refuse = (detail: string): Refused => ({ problem: 'unknown-revision', detail })
  const digits = given.startsWith(prefix) ? given.slice(prefix.length) : given
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < leastDigits)
    return refuse(
      `expected sha256: and at least ${leastDigits} digits of a revision, got ${JSON.stringify(given.slice(0, 100))}`,
    )
  const meant = kept.filter((revision) => revision.startsWith(`${prefix}${digits}`))
  if (meant.length === 1) return { revision: meant[0]! }
  return refuse(
    meant.length === 0
      ? `no revision that is kept begins with ${prefix}${digits}; there are ${kept.map((each) => each.slice(0, prefix.length + 8)).join(', ') || 'none'}`
      : `${meant.length} revisions that are kept begin with ${prefix}${digits}; say more of its digits`,
  )
}

import type { RuleSet } from '../../engine/index.ts'
import type { Note } from '../observers/shadow/ring.ts'
import type { Mask } from '../observers/log/mask.ts'
import type { Difference, Kind } from './compare.ts'

/** In JSON these stand between tokens only, where a space says the same. */
const lineEnds = /[\n\r]/g

/**
 * A line of the shadow log: one difference with the sign-in as it was sent, the decision as it was told, and what it would have been.
 * `docs/shadow.md` says what its members mean.
 */
export function entryOf(
  note: Note,
  by: Kind,
  { differs, rules, other }: Difference,
  { id, revision }: RuleSet,
  mask: Mask,
): string {
  const { body, decision, masked } = mask(note.body, note.text)
  const signIn = new TextDecoder().decode(body).replaceAll(lineEnds, ' ')
  const would =
    'json' in other
      ? other.json
      : JSON.stringify({
          refused: other.faults.map(({ pointer, expected }) => ({ pointer, expected })),
          ruleSet: { id, revision },
        })
  const head = JSON.stringify({ v: 1, by, differs, rules }).slice(0, -1)
  const names = masked.length === 0 ? '' : `,"masked":${JSON.stringify(masked)}`
  return `${head},"signIn":${signIn},"decision":${decision},"candidate":${would}${names}}\n`
}

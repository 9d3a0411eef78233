import { createHash } from 'node:crypto'
import type { Place, ShownChange } from '../../engine/index.ts'
import type { DiffReport } from '../diff.ts'
import { sarifLocation, sarifLog } from '../sarif.ts'
import { nameOf } from './human.ts'

const kinds = {
  'diff-weaker': 'Sign-ins are decided less strictly than before.',
  'diff-different': 'Sign-ins are decided otherwise, neither more nor less strictly.',
}

/** What a review should look at: changes that are no stricter and that nobody accepted, and what could not be told. */
export function diffSarif(report: DiffReport): string {
  const results = report.changes
    .filter(({ label, accepted }) => !accepted && (label === 'weaker' || label === 'different'))
    .map((change) => {
      const ruleId = `diff-${change.label}`
      const [first, ...more] = placesOf(change, report)
      return {
        ruleId,
        ruleIndex: Object.keys(kinds).indexOf(ruleId),
        level: change.label === 'weaker' ? 'error' : 'warning',
        message: { text: `${nameOf(change)}, for example for ${exampleOf(change)}` },
        ...(first && { locations: [sarifLocation(first)] }),
        ...(more.length > 0 && {
          relatedLocations: more.map((place, id) => ({ id, ...sarifLocation(place) })),
        }),
        partialFingerprints: { 'portcullisChange/v1': fingerprint(change, report) },
      }
    })
  const unknown =
    report.because === undefined
      ? report.unknown.map((each) => `${nameOf(each)} is unknown: ${each.because}`)
      : [report.because]
  return sarifLog(
    kinds,
    results,
    [],
    unknown.map((text) => ({ level: 'warning', message: { text } })),
  )
}

/** Where what changed is written, of what the sign-in is decided by; else what decides it. */
function placesOf({ decisions: { from, to } }: ShownChange, report: DiffReport): readonly Place[] {
  const names = new Set([...to.rules, ...from.rules].map(({ rule }) => rule))
  const rules = report.rules.filter(({ rule }) => names.has(rule))
  const through = new Set(rules.flatMap((rule) => rule.through ?? []))
  const conditions = report.conditions.filter(({ condition }) => through.has(condition))
  // What is still there is where a review can point to.
  const changed = [...conditions, ...rules].flatMap((each) => each.to ?? [])
  return changed.length > 0 ? changed : [...to.rules, ...from.rules].map(({ at }) => at)
}

const exampleOf = ({ deviations }: ShownChange): string =>
  deviations.length === 0
    ? 'an ordinary sign-in'
    : deviations.map(({ fact, value }) => `${fact} ${JSON.stringify(value)}`).join(' and ')

const fingerprint = (change: ShownChange, { to }: DiffReport): string =>
  createHash('sha256')
    .update(JSON.stringify([to.pack, nameOf(change), change.forcing.map(({ fact }) => fact)]))
    .digest('hex')

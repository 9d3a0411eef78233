import { createHash } from 'node:crypto'
import { faultText, type Location, type ShownVerdict } from '../../engine/index.ts'
import { sarifLocation, sarifLog } from '../sarif.ts'
import { factText, signInText } from './human.ts'
import type { PackReport } from './report.ts'
import type { Io } from '../io.ts'

const rules = {
  'invariant-refuted': 'A sign-in breaks an invariant.',
  'invariant-vacuous': 'There is no sign-in of which an invariant speaks.',
  'not-modelled': 'The prover does not model something, so that an invariant can not be proved.',
} as const

/** SARIF 2.1.0: what is not as promised, with its places. What could not be decided at all is a notification. */
export function sarifText(reports: readonly PackReport[], io: Io): string {
  const plain = { ...io, terminal: false }
  const results = reports.flatMap((report) =>
    report.faults ? [] : report.invariants.flatMap((each) => resultsOf(report.pack, each, plain)),
  )
  const faults = reports.flatMap(({ faults: found = [] }) =>
    found.map((fault) => ({
      level: 'error',
      message: { text: faultText(fault) },
      ...(fault.at && { locations: [sarifLocation(fault.at)] }),
    })),
  )
  const unknown = reports.flatMap((report) =>
    report.faults
      ? []
      : report.invariants.flatMap((each) =>
          each.verdict === 'unknown'
            ? [
                {
                  level: 'warning',
                  message: { text: `${each.invariant} is unknown: ${each.because}` },
                  locations: [sarifLocation(each.at)],
                },
              ]
            : [],
        ),
  )
  return sarifLog(rules, results, faults, unknown)
}

function resultsOf(pack: string, each: ShownVerdict, io: Io) {
  const { invariant, title, at } = each
  const result = (
    ruleId: keyof typeof rules,
    text: string,
    place: Location,
    fingerprint: unknown,
    related: readonly (readonly [place: Location, text: string])[] = [],
  ) => ({
    ruleId,
    ruleIndex: Object.keys(rules).indexOf(ruleId),
    level: 'error',
    message: { text },
    locations: [sarifLocation(place)],
    partialFingerprints: {
      'portcullisInvariant/v1': createHash('sha256')
        .update(JSON.stringify([pack, invariant, fingerprint]))
        .digest('hex'),
    },
    ...(related.length > 0 && {
      relatedLocations: related.map(([where, said], id) => ({
        id,
        ...sarifLocation(where),
        message: { text: said },
      })),
    }),
  })
  switch (each.verdict) {
    case 'refuted': {
      if (each.witness === undefined)
        return [
          result(
            'invariant-refuted',
            `${invariant}: ${title}. Promised: ${each.promise}, and there is no such sign-in`,
            at,
            'no sign-in',
          ),
        ]
      const { witness, letThrough, mend } = each
      const { decision, forcing } = witness
      const isEdit = mend?.edit === 'delete' || mend?.edit === 'negate'
      const outcome = [decision.outcome, ...decision.requirements].join(' ')
      return [
        result(
          'invariant-refuted',
          `${invariant}: ${title}. Promised: ${each.promise}. The decision is ${outcome} for ${signInText(witness, io).replaceAll('\n', ' ')}`,
          isEdit ? mend.at : at,
          forcing.map(factText).toSorted(),
          [
            [at, `the invariant ${invariant}`],
            ...letThrough.rules.flatMap((rule): (readonly [Location, string])[] => [
              [rule.at, `the rule ${rule.rule} ${rule.applies ? 'applies' : 'does not apply'}`],
              ...rule.because.flatMap(({ comparisons }) =>
                comparisons.map(
                  (comparison) =>
                    [
                      comparison.at,
                      `${comparison.fact} is ${JSON.stringify(comparison.seen)}`,
                    ] as const,
                ),
              ),
            ]),
          ],
        ),
      ]
    }
    case 'vacuous':
      return [
        result(
          'invariant-vacuous',
          `${invariant}: ${title}. There is no sign-in of which it speaks`,
          at,
          'vacuous',
        ),
      ]
    case 'unsupported': {
      const { because, notModelled } = each
      if (notModelled.length === 0)
        return [result('not-modelled', `${invariant}: ${because}`, at, 'unsupported')]
      return notModelled.map((part) =>
        result(
          'not-modelled',
          `${invariant}: ${part.because}: ${part.fact} ${part.operator}`,
          part.at,
          [part.fact, part.operator, part.otherFact],
          [[at, `the invariant ${invariant}`]],
        ),
      )
    }
    case 'proved':
    case 'unknown':
      return []
  }
}

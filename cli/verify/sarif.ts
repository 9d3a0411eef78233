import { createHash } from 'node:crypto'
import {
  faultText,
  isKept,
  type Location,
  type ShownLaw,
  type ShownVerdict,
} from '../../engine/index.ts'
import { sarifLocation, sarifLog } from '../sarif.ts'
import { factText, signInText } from './human.ts'
import type { PackReport } from './report.ts'
import type { Io } from '../io.ts'

const rules = {
  'invariant-refuted': 'A sign-in breaks an invariant.',
  'invariant-vacuous': 'There is no sign-in of which an invariant speaks.',
  'law-refuted': 'Two sign-ins break a law that every pack should keep.',
  'not-modelled': 'The prover does not model something, so that an invariant can not be proved.',
} as const

/** SARIF 2.1.0: what is not as promised, with its places. What could not be decided at all is a notification. */
export function sarifText(reports: readonly PackReport[], io: Io): string {
  const plain = { ...io, terminal: false }
  const results = reports.flatMap((report) =>
    report.faults
      ? []
      : [
          ...report.invariants.flatMap((each) => resultsOf(report.pack, each, plain)),
          ...(report.laws ?? []).flatMap((each) => lawResults(report.pack, each, plain)),
        ],
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
      : [
          ...report.invariants.flatMap((each) =>
            each.verdict === 'unknown'
              ? [
                  {
                    ...warning(`${each.invariant} is unknown: ${each.because}`),
                    locations: [sarifLocation(each.at)],
                  },
                ]
              : [],
          ),
          ...(report.laws ?? []).flatMap(({ law, facts, ...each }) =>
            each.verdict === 'unknown' || each.verdict === 'unsupported'
              ? [warning(`${[law, ...facts].join(' ')} is ${each.verdict}: ${each.because}`)]
              : [],
          ),
        ],
  )
  return sarifLog(rules, results, faults, unknown)
}

const warning = (text: string) => ({ level: 'warning', message: { text } })

const fingerprint = (of: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(of)).digest('hex')

/** Where the rules are that decide the first of the two sign-ins: of the second they have less to say. */
function lawResults(pack: string, each: ShownLaw, io: Io) {
  if (each.verdict !== 'refuted' || isKept(each)) return []
  const { law, title, facts, changes, decisions } = each
  const { first, second } = decisions
  const said = ({ outcome, requirements }: typeof first) => [outcome, ...requirements].join(' ')
  return [
    {
      ruleId: 'law-refuted',
      ruleIndex: Object.keys(rules).indexOf('law-refuted'),
      level: 'error',
      message: {
        text: `It should be so that ${title}. The decision is ${said(first)} for ${signInText(each, io).replaceAll('\n', ' ')}, and ${said(second)} with ${changes.map(factText).join(', ')}`,
      },
      locations: first.rules.slice(0, 1).map(({ at }) => sarifLocation(at)),
      partialFingerprints: { 'portcullisLaw/v1': fingerprint([pack, law, facts]) },
    },
  ]
}

function resultsOf(pack: string, each: ShownVerdict, io: Io) {
  const { invariant, title, at } = each
  const result = (
    ruleId: keyof typeof rules,
    text: string,
    place: Location,
    about: unknown,
    related: readonly (readonly [place: Location, text: string])[] = [],
  ) => ({
    ruleId,
    ruleIndex: Object.keys(rules).indexOf(ruleId),
    level: 'error',
    message: { text },
    locations: [sarifLocation(place)],
    partialFingerprints: {
      'portcullisInvariant/v1': fingerprint([pack, invariant, about]),
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

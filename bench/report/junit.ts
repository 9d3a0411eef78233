import { contentOf, loadsOf } from './content.ts'
import type { BenchDocument } from './document.ts'
import { markup, type Markup } from './markup.ts'
import { plural } from './units.ts'

type Case = {
  readonly suite: string
  readonly name: string
  /** Why it failed; more lines than the first are details. */
  readonly failure?: readonly string[]
}

/** Verdicts, targets of engines and right answers as JUnit's test cases, which CI servers list. */
export function junitReport(document: BenchDocument): string {
  const cases: readonly Case[] = [
    ...document.verdicts.map(({ what, measured, wanted, met }) => ({
      suite: 'thresholds',
      name: `${what} ${wanted}`,
      ...(!met && { failure: [`${measured}, wanted ${wanted}`] }),
    })),
    ...loadsOf(document).map(({ title, result: { wrong } }) => ({
      suite: 'answers',
      name: `${title}: every answer is the right one`,
      ...(wrong.count > 0 && {
        failure: [
          plural(wrong.count, 'wrong answer'),
          ...wrong.examples.flatMap(({ question, signIn, expected, actual }) => [
            question,
            `  sign-in  ${signIn}`,
            `  expected ${expected}`,
            `  actual   ${actual}`,
          ]),
        ],
      }),
    })),
    ...document.parts.flatMap((part) =>
      part.kind !== 'engine'
        ? []
        : part.result.verdicts.map(({ row, value, bound, unit, met }) => ({
            suite: part.title,
            name: `${row} ${bound} ${unit}`,
            ...(!met && {
              failure: [
                value === undefined
                  ? 'could not be measured'
                  : `${value} ${unit}, wanted ${bound} ${unit}`,
              ],
            }),
          })),
    ),
  ]
  const suites = [...new Set(cases.map(({ suite }) => suite))]
  const alerts = document.parts.flatMap((part) =>
    contentOf(part).alerts.map((alert) => `${part.title}: ${alert}`),
  )
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="portcullis bench" ${counts(cases)}>
${suites.map((suite) => {
  const own = cases.filter((each) => each.suite === suite)
  return markup`  <testsuite name="${suite}" timestamp="${document.startedAt}" ${counts(own)}>
${own.map(caseMarkup)}    <system-out>${[document.headline, ...alerts].map((line) => markup`${line}\n`)}</system-out>
  </testsuite>
`
})}</testsuites>
`.markup
}

const counts = (cases: readonly Case[]): Markup =>
  markup`tests="${cases.length}" failures="${cases.filter(({ failure }) => failure).length}"`

const caseMarkup = ({ suite, name, failure }: Case): Markup =>
  failure === undefined
    ? markup`    <testcase classname="portcullis bench.${suite}" name="${name}"/>\n`
    : markup`    <testcase classname="portcullis bench.${suite}" name="${name}">
      <failure message="${failure[0]}">${failure.map((line) => markup`${line}\n`)}</failure>
    </testcase>
`

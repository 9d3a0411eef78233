import { faultText, isKept, type ShownLaw, type ShownVerdict } from '../../engine/index.ts'
import type { Io } from '../io.ts'
import { detailsText } from './human.ts'
import { lawText } from './laws.ts'
import type { PackReport, Verified } from './report.ts'

/** JUnit's XML: a suite a pack, a test case an invariant or a law of a fact. What is not decided is an error, what is broken a failure. */
export function junitText(reports: readonly PackReport[], io: Io): string {
  const plain = { ...io, terminal: false }
  const suites = reports.map((report) =>
    report.faults
      ? suite(report.pack, 0, [
          element('testcase', { classname: report.pack, name: 'the pack can be read' }, [
            element('error', { type: 'fault', message: `${report.faults.length} faults` }, [
              escaped(report.faults.map(faultText).join('\n')),
            ]),
          ]),
        ])
      : suite(report.pack, report.milliseconds, [
          ...report.invariants.map((each) => testCase(report, each, plain)),
          ...(report.laws ?? []).map((each) => lawCase(report, each, plain)),
        ]),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'portcullis verify' }, suites)}`
}

function suite(name: string, milliseconds: number, cases: readonly string[]): string {
  const count = (tag: string) => cases.filter((each) => each.includes(`<${tag} `)).length
  const counts = { tests: cases.length, failures: count('failure'), errors: count('error') }
  return element('testsuite', { name, ...counts, time: (milliseconds / 1000).toFixed(3) }, cases)
}

function testCase({ pack }: Verified, each: ShownVerdict, io: Io): string {
  const { invariant: name, verdict, title, at } = each
  const place = { file: at.file, line: at.line }
  const tag = verdict === 'refuted' || verdict === 'vacuous' ? 'failure' : 'error'
  return element(
    'testcase',
    { classname: pack, name, ...place },
    verdict === 'proved'
      ? []
      : [element(tag, { type: verdict, message: title }, [escaped(detailsText(each, io))])],
  )
}

function lawCase({ pack }: Verified, each: ShownLaw, io: Io): string {
  const { law, title, facts, verdict } = each
  const tag = verdict === 'refuted' ? 'failure' : 'error'
  return element(
    'testcase',
    { classname: pack, name: [law, ...facts].join(' ') },
    isKept(each)
      ? []
      : [element(tag, { type: verdict, message: title }, [escaped(lawText(each, io))])],
  )
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  inside: readonly string[],
): string {
  const given = Object.entries(attributes).map(
    ([attribute, value]) => ` ${attribute}="${escaped(String(value))}"`,
  )
  return inside.length === 0
    ? `<${name}${given.join('')}/>\n`
    : `<${name}${given.join('')}>${inside[0]!.startsWith('<') ? '\n' : ''}${inside.join('')}</${name}>\n`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Characters that XML can not have are left out. */
const escaped = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
    .replaceAll(/[&<>"]/g, (character) => entities[character]!)

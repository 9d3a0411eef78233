import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addTally,
  emptySurvey,
  emptyTally,
  mergedSurveys,
  reportOf,
  surveyOf,
  tallyOf,
  textInput,
  type Question,
} from '../replay/index.ts'
import { shippedPacks } from './packs.ts'

/** A record of some of a few users, apps and addresses, within two months; some are the same record again, and some can't be read. */
const record = fc.record({
  id: fc.option(fc.integer({ min: 0, max: 30 }).map(String), { nil: undefined }),
  createdDateTime: fc
    .integer({ min: 0, max: 60 * 24 })
    .map((hour) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString()),
  userId: fc.constantFrom('u1', 'u2', 'u3', 'u4'),
  userPrincipalName: fc.constantFrom('a@example.com', 'b@example.com', undefined),
  userType: fc.constantFrom('member', 'guest'),
  appDisplayName: fc.constantFrom('Mail', 'Files'),
  ipAddress: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'),
  userAgent: fc.constantFrom('', 'curl/8', 'Mozilla/5.0'),
  clientAppUsed: fc.constantFrom('Browser', 'IMAP4', 'Authenticated SMTP', '', 'Gopher'),
  authenticationProtocol: fc.constantFrom('oAuth2', 'ropc', 'rpoc'),
  authenticationRequirement: fc.constantFrom(
    'singleFactorAuthentication',
    'multiFactorAuthentication',
    undefined,
  ),
  isInteractive: fc.constantFrom(true, false, undefined),
  status: fc.constantFrom(
    { errorCode: 0 },
    { errorCode: 50126 },
    { errorCode: 50074 },
    { errorCode: 530035 },
    'odd',
  ),
  location: fc.constantFrom({ countryOrRegion: 'DE' }, { countryOrRegion: 'FR' }, {}),
})
const line = fc.oneof(
  { weight: 9, arbitrary: record.map((each) => JSON.stringify(each)) },
  { weight: 1, arbitrary: fc.constantFrom('{ torn', '5', '{}') },
)
/** Sign-ins that differ in who and when, and say the same of nearly all else. */
const alike = fc
  .record({
    hour: fc.integer({ min: 0, max: 60 * 24 }),
    userId: fc.constantFrom('u1', 'u2', 'u3'),
    authenticationRequirement: fc.constantFrom(
      'singleFactorAuthentication',
      'singleFactorAuthentication',
      'singleFactorAuthentication',
      'multiFactorAuthentication',
    ),
  })
  .map(({ hour, ...rest }) =>
    JSON.stringify({
      ...rest,
      createdDateTime: new Date(Date.UTC(2026, 0, 1, hour)).toISOString(),
      userType: 'member',
      clientAppUsed: 'Browser',
      isInteractive: true,
      authenticationProtocol: 'none',
      riskLevelDuringSignIn: 'none',
      resourceId: '00000002-0000-0ff1-ce00-000000000000',
      status: { errorCode: 0 },
    }),
  )
const logs = fc.array(fc.array(line, { maxLength: 20 }), { minLength: 1, maxLength: 5 })
const packs = shippedPacks.map(({ pack }) => pack.ruleSet)

describe('replaying', () => {
  test('one shard is n shards, in whatever order they are merged', async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.nat(packs.length - 1), fc.nat(), async (lines, pack, seed) => {
        const inputs = lines.map((each, at) =>
          textInput(`${at}.ndjson`, `${each.join('\n')}\n{}\n`),
        )
        const question: Question = { ruleSet: packs[pack]! }
        const whole = await surveyOf(inputs, question)
        const expected = reportOf(await tallyOf(inputs, question, whole), whole, question)

        const order = inputs
          .map((_, at) => at)
          .sort((a, b) => ((a * 7 + seed) % 11) - ((b * 7 + seed) % 11))
        let survey = emptySurvey()
        for (const at of order)
          survey = mergedSurveys(survey, await surveyOf([inputs[at]!], { firstIndex: at }))
        const tally = emptyTally()
        for (const at of order)
          addTally(tally, await tallyOf([inputs[at]!], { ...question, firstIndex: at }, survey))
        const merged = reportOf(tally, survey, question)
        expect(JSON.stringify(merged)).toBe(JSON.stringify(expected))
        expect(merged.rows).toBe(merged.decided + merged.unmapped)
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) }, // each compiles the rules of every shard
    )
  })

  test('sign-ins that are decided once for many are decided as each by itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 4, arbitrary: alike }, { weight: 1, arbitrary: line }), {
          maxLength: 15,
        }),
        fc.nat(packs.length - 1),
        async (lines, pack) => {
          const question: Question = { ruleSet: packs[pack]! }
          const inputs = lines.map((each, at) => textInput(`${at}`, `${each}\n{}\n`))
          const survey = await surveyOf(inputs, question)
          const [together, apart] = [await tallyOf(inputs, question, survey), emptyTally()]
          for (const [at, input] of inputs.entries())
            addTally(apart, await tallyOf([input], { ...question, firstIndex: at }, survey))
          expect(reportOf(together, survey, question)).toEqual(reportOf(apart, survey, question))
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 40) },
    )
  })
})

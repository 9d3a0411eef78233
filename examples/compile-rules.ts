import { compileRules } from '../engine/index.ts'

const rules = [
  {
    name: 'lend',
    priority: 2,
    conditions: {
      all: [
        { fact: 'applicant', path: '$.income', operator: 'greaterThanInclusive', value: 30_000 },
        { not: { condition: 'isBankrupt' } },
      ],
    },
    event: { type: 'lend', params: { limit: { fact: 'limit' } } },
  },
]

const { events, run } = compileRules(rules, {
  allowUndefinedFacts: false, // a fact that is not there is an error, as in json-rules-engine unless told otherwise
  replaceFactsInEventParams: true,
  facts: { limit: 5_000 },
  conditions: {
    isBankrupt: { all: [{ fact: 'flags', operator: 'contains', value: 'bankrupt' }] },
  },
})

console.log(JSON.stringify(events({ applicant: { income: 42_000 }, flags: [] })))
const { failureResults } = run({ applicant: { income: 12_000 }, flags: [] })
console.log(JSON.stringify(failureResults[0], null, 1))

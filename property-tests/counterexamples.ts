import type { Deciding, SignIn } from '../engine/index.ts'

/** Every failure that a property ever found, and what was wrong; replayed first by every later run. */
export const counterexamples: { readonly compiledIsInterpreted: [Deciding, SignIn][] } = {
  compiledIsInterpreted: [
    // json-rules-engine looks at every condition of one priority and so fails on a fact that can't become a string,
    // although its neighbour has decided already. Such a fact can't be sent; the law is about answers, not failures.
    [
      {
        rules: [
          {
            name: 'rule-0',
            title: 'Rule 0',
            control: 'someControl',
            source: 'some-document#here',
            conditions: {
              all: [
                { fact: 'device.compliant', operator: 'equal', value: true },
                { fact: 'tenant.ageHours', operator: 'greaterThan', value: 24 },
              ],
            },
            event: { type: 'block', params: { code: 'blocked' } },
          },
        ],
        conditions: {},
      },
      {
        'device.compliant': false,
        'tenant.ageHours': Object.create(null) as unknown,
      } as unknown as SignIn,
    ],
  ],
}

import { expect, test } from 'vitest'
import { shippedPacks } from '../../property-tests/packs.ts'
import { contenders } from './contenders.ts'
import { transports, transportsText } from './transports.ts'

test('all transports bring every question its answer', async () => {
  const { pack } = shippedPacks[0]!
  const bodies = [...pack.cases.map(({ signIn }) => JSON.stringify(signIn)), '{}', '{', ''].map(
    (text) => Buffer.from(text),
  )
  const costs = await transports(pack.ruleSet, bodies, { rounds: 1, decisions: 192 })
  expect(costs).toHaveLength(3 * Object.keys(contenders).length)
  expect(transportsText(costs).split('\n')).toHaveLength(costs.length + 1)
})

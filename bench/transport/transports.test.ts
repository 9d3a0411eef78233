import { expect, test } from 'vitest'
import { shippedPacks } from '../../property-tests/packs.ts'
import { contenders } from './contenders.ts'
import { transports } from './transports.ts'

const watch = { signal: new AbortController().signal, progress: () => undefined }

test('all transports bring every question its answer', async () => {
  const { pack } = shippedPacks[0]!
  const bodies = [...pack.cases.map(({ signIn }) => JSON.stringify(signIn)), '{}', '{', ''].map(
    (text) => Buffer.from(text),
  )
  const costs = await transports(pack.ruleSet, bodies, { rounds: 1, decisions: 192 }, watch)
  expect(costs).toHaveLength(3 * Object.keys(contenders).length)
})

test('what is ended before a round is over has no figures', async () => {
  const { pack } = shippedPacks[0]!
  const ended = { ...watch, signal: AbortSignal.abort() }
  expect(await transports(pack.ruleSet, [Buffer.from('{}')], {}, ended)).toEqual([])
})

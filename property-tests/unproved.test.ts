import { describe, expect, test } from 'vitest'
import {
  faultText,
  parsePack,
  signInParser,
  unproved,
  unprovedFault,
  verify,
  type Pack,
} from '../engine/index.ts'
import { shippedPacks } from './packs.ts'

const { source } = shippedPacks[0]!
/** The shipped pack with some of its files otherwise; `null` takes one out. */
function packWith(changes: Readonly<Record<string, string | null>> = {}): Pack {
  const files = Object.entries({ ...source.files, ...changes }).filter(([, text]) => text !== null)
  const pack = parsePack({ ...source, files: Object.fromEntries(files) as Record<string, string> })
  if (pack.faults) throw new Error(pack.faults.map(faultText).join('\n'))
  return pack
}

describe('the invariants that are not proved', () => {
  test('are none of a pack that keeps its promises, or makes none', () => {
    expect(unproved(packWith())).toEqual([])
    expect(unproved(packWith({ 'invariants.json': '{}' }), () => true)).toEqual([])
  })

  test('are told with the nearest sign-in that breaks them, which a caller can send', () => {
    const pack = packWith({ 'rules/block-legacy-authentication.json': null })
    const open = unproved(pack)
    expect(open.map(({ invariant, verdict }) => [invariant, verdict])).toEqual([
      ['legacy-authentication-is-never-allowed', 'refuted'],
      ['nobody-else-is-exempt', 'refuted'],
    ])
    const [first] = open
    // Nulls of the baseline are values: the ordinary session has not been revoked.
    expect(faultText(unprovedFault(first!))).toMatch(
      /invariants\.json:3:\d+: expected the invariant "legacy-authentication-is-never-allowed" to hold for every sign-in, got allow for an ordinary sign-in but for client\.app "exchangeActiveSync"$/,
    )
    expect(first!.witness).toMatchObject({
      outcome: 'allow',
      deviations: ['client.app'],
      facts: { 'client.app': 'exchangeActiveSync', 'user.type': 'member' },
    })
    expect(signInParser()(first!.witness!.signIn).faults).toBeUndefined()
  })

  test('are those too that promise a way in, when none is left', () => {
    const admins = 'rules/admins-need-mfa-every-sign-in.json'
    const always = source.files[admins]!.replace('needsMfaAsAdministrator', 'isAdministrator')
    const [locked, ...more] = unproved(packWith({ [admins]: always }))
    expect(more).toEqual([])
    expect(locked).toMatchObject({ verdict: 'refuted' })
    expect(locked).not.toHaveProperty('witness')
    expect(faultText(unprovedFault(locked!))).toMatch(
      /expected the invariant "an-administrator-can-sign-in" to hold for some sign-in, got none/,
    )
  })

  test('are none that promise a way in which the example shows', () => {
    const { verdicts } = verify(packWith())
    const example = verdicts.flatMap((each) =>
      each.verdict === 'proved' && each.example ? [each.example] : [],
    )
    expect(example.map(({ deviations }) => deviations)).toEqual([['user.roles', 'session.mfa']])
  })

  test('are unknown once the time is over, those before it are not', () => {
    const pack = packWith({ 'rules/block-legacy-authentication.json': null })
    let asked = 0
    const verdicts = unproved(pack, () => ++asked > 10).map(({ verdict }) => verdict)
    expect(verdicts[0]).toBe('refuted')
    expect(verdicts.at(-1)).toBe('unknown')
  })
})

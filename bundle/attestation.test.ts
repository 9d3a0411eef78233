import { describe, expect, test } from 'vitest'
import { shippedPacks } from '../property-tests/packs.ts'
import { parsePack, type Pack } from '../engine/index.ts'
import { attest, unattested, type attestationChecks, type Statement } from './attestation.ts'
import { printContents, readContents } from './contents.ts'
import { generateKey, privateKey, publicKey } from './keys.ts'
import { subjectOf } from './subject.ts'

const { pack, source } = shippedPacks[0]!
const pair = () => {
  const { privatePem, publicPem } = generateKey()
  return { key: privateKey(privatePem), pub: publicKey(publicPem) }
}
const [ours, theirs] = [pair(), pair()]
const now = Date.UTC(2026, 0, 1)
const statement: Statement = {
  subject: subjectOf(pack),
  verdicts: Object.fromEntries(pack.invariants.map(({ name }) => [name, 'proved'])),
  issuedAt: new Date(now).toISOString(),
  expiresAt: new Date(now + 1_000).toISOString(),
}
const signed = (changes: Partial<Statement> = {}, keys = [ours.key]) =>
  attest({ ...statement, ...changes }, keys)
const about = (changes: object) => signed({ subject: { ...statement.subject, ...changes } })
const reasonOf = (text: string | undefined, of: Pack = pack, at = now) =>
  unattested(text, of, [ours.pub], at)?.reason

/** The pack with some of its files otherwise. */
function packWith(path: string, from: string, to: string): Pack {
  const text = source.files[path]!
  expect(text).toContain(from)
  const parsed = parsePack({
    ...source,
    files: { ...source.files, [path]: text.replace(from, to) },
  })
  if (parsed.faults) throw new Error('it is no pack')
  return parsed
}

describe('an attestation', () => {
  test('is good for the pack that it is about, until its time is over, by any trusted key', () => {
    expect(unattested(signed(), pack, [ours.pub], now)).toBeUndefined()
    expect(unattested(signed({}, [theirs.key, ours.key]), pack, [ours.pub], now)).toBeUndefined()
    expect(reasonOf(signed({ expiresAt: null }), pack, now + 1e12)).toBeUndefined()
    expect(
      reasonOf(signed(), packWith('pack.json', '"title": "', '"title": "The ')),
    ).toBeUndefined()
  })

  test.each<[keyof typeof attestationChecks, string, string | undefined, Pack?, number?]>([
    ['missing', 'none', undefined],
    ['format', 'no attestation', '{}'],
    ['format', 'of another version', signed().replace('attestation 1', 'attestation 2')],
    ['format', 'with no signature', signed().replace(/signature.*\n/, '')],
    ['format', 'with something behind it', `${signed()}\n`],
    ['format', 'with no statement', attest([] as never, [ours.key])],
    ['signature', 'of a key that nobody trusts', signed({}, [theirs.key])],
    ['signature', 'that was changed', signed().replace('"proved"', '"Proved"')],
    ['engine', 'of another version', about({ engine: 'portcullis 0.0.1 prover 1' })],
    ['engine', 'of none', about({ engine: undefined })],
    ['subject', 'of another revision', about({ revision: `sha256:${'0'.repeat(64)}` })],
    ['subject', 'of another pack', about({ pack: 'another' })],
    ['subject', 'of another fact table', about({ facts: 'sha256:' })],
    ['subject', 'of other assumptions', about({ assumptions: 'sha256:' })],
    [
      'subject',
      'of rules before',
      signed(),
      packWith('rules/block-legacy-authentication.json', '530035', '53003'),
    ],
    [
      'subject',
      'of other promises',
      signed(),
      packWith('invariants.json', '"possible": "allow"', '"possible": "challenge"'),
    ],
    [
      'verdicts',
      'of one that is refuted',
      signed({ verdicts: { ...statement.verdicts, 'off-means-off': 'refuted' } }),
    ],
    ['verdicts', 'of one that is not mentioned', signed({ verdicts: {} })],
    ['expired', 'at the very end of its time', signed(), pack, now + 1_000],
  ])('is refused for %s: %s', (reason, _, text, of = pack, at = now) => {
    const refused = unattested(text, of, [ours.pub], at)
    expect(refused).toMatchObject({ reason, detail: expect.stringMatching(/./) as string })
  })

  test('travels in the payload of a bundle, which without one is as it always was', () => {
    const revision = pack.ruleSet.revision
    const without = printContents({ revision, source })
    expect(without.toString()).not.toContain('attestation')
    const attestation = signed()
    const read = readContents(printContents({ revision, source: { ...source, attestation } }))
    if ('refused' in read) throw new Error(read.detail)
    expect(read.source.attestation).toBe(attestation)
    const other = JSON.parse(without.toString()) as object
    expect(
      readContents(Buffer.from(`${JSON.stringify({ ...other, attestation: 1 })}\n`)),
    ).toMatchObject({ refused: 'contents' })
  })
})

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, test } from 'vitest'
import { areas, flagOf, settings } from './settings.ts'
import { needsInsecure } from './serve.ts'
import { memberNames } from './settings/file.ts'
import { readRows, readSettings, unknownVariables } from './settings/read.ts'
import * as row from './settings/row.ts'
import { settingsSchema } from './settings/schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string, mode = 0o640) => {
  writeFileSync(join(folder, name), text)
  chmodSync(join(folder, name), mode)
  return name
}

/** A row of each kind. */
const rows = {
  config: row.path('P_CONFIG', undefined, 'settings file'),
  host: row.text('P_HOST', '127.0.0.1', 'host'),
  mode: row.text('P_MODE', '0600', 'mode', { pattern: /^0[0-7]{3}$/, words: 'a file mode' }),
  pool: row.choice('P_POOL', 'auto', ['auto', 'inline'], 'pool'),
  insecure: row.flag('P_INSECURE', 'insecure'),
  port: row.integer('P_PORT', 8181, 0, 65_535, 'port'),
  ratio: row.number('P_RATIO', 1, 0, 1, 'ratio'),
  log: row.path('P_LOG', 'none', 'log', { words: ['none', 'stdout'], urls: ['s3'] }),
  pack: row.path('P_PACK', 'built-in', 'pack', { names: true }),
  issuer: row.url('P_ISSUER', undefined, ['https'], 'issuer'),
  key: row.secret('P_KEY', 'key'),
  algorithms: row.list('P_ALGORITHMS', ['ES256'], 'algorithms', ['ES256', 'EdDSA']),
  audience: row.list('P_AUDIENCE', [], 'audience'),
} as const
type Flags = Readonly<Record<string, string | boolean>>
type Environment = Readonly<Record<string, string>>

/** Reads the rows above; a file is given by its text. */
function read(flags: Flags, environment: Environment = {}, file?: string) {
  const config = file === undefined ? {} : { config: write('p.json', file) }
  const got = readRows(rows, { flags: { ...config, ...flags }, environment, folder })
  if ('faults' in got) throw new Error(got.faults.join('\n'))
  return got.settings
}

const faultsOf = (flags: Flags, environment: Environment = {}, file?: string) => {
  try {
    return read(flags, environment, file) && ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('settings', () => {
  test('come from flags, then variables, then the file, then the defaults', () => {
    const file = '{"port": 3, "insecure": true}'
    expect(read({ port: '1' }, { P_PORT: '2' }, file)).toMatchObject({ port: 1 })
    expect(read({}, { P_PORT: '2' }, file)).toMatchObject({ port: 2 })
    expect(read({}, {}, file)).toMatchObject({ port: 3, insecure: true })
    expect(read({ insecure: false }, {}, file)).toMatchObject({ insecure: false })
    expect(read({}, { P_PORT: '', P_CONFIG: write('p.json', file) })).toMatchObject({ port: 3 })
    expect(read({})).toMatchObject({ port: 8181, insecure: false, log: 'none', issuer: undefined })
  })

  test.each<[Flags, Environment, string | undefined, object]>([
    [{ algorithms: 'EdDSA, ES256' }, {}, undefined, { algorithms: ['EdDSA', 'ES256'] }],
    [{}, { P_ALGORITHMS: '["EdDSA"]' }, undefined, { algorithms: ['EdDSA'] }],
    [{}, {}, '{"algorithms": []}', { algorithms: [] }],
    [{ ratio: '.25' }, {}, undefined, { ratio: 0.25 }],
    [{ log: 'a/b' }, {}, undefined, { log: join(folder, 'a/b') }],
    [{}, {}, '{"log": "../b"}', { log: join(folder, '../b') }],
    [{ log: 'stdout' }, {}, undefined, { log: 'stdout' }],
    [{ log: 's3://bucket/b' }, {}, undefined, { log: 's3://bucket/b' }],
    [{ pack: 'mine' }, {}, undefined, { pack: 'mine' }],
    [{ pack: './mine' }, {}, undefined, { pack: join(folder, 'mine') }],
    [{ issuer: 'https://a.example/b' }, {}, undefined, { issuer: 'https://a.example/b' }],
    [{}, { P_KEY: 'hush' }, undefined, { key: 'hush' }],
    [{}, {}, '{"key": "hush"}', { key: 'hush' }],
    [{ key: 'hush' }, {}, undefined, { key: undefined }],
    [{}, {}, '{"$schema": "./settings.schema.json"}', { port: 8181 }],
  ])('%j with %j and the file %s are read', (flags, environment, file, wanted) => {
    expect(read(flags, environment, file)).toMatchObject(wanted)
  })

  test.each<[Flags, Environment, string | undefined, string]>([
    [
      { port: 'http' },
      {},
      undefined,
      '--port: expected a whole number from 0 to 65535, got "http"',
    ],
    [{ port: '65536' }, {}, undefined, '--port: expected'],
    [{ port: '-1' }, {}, undefined, '--port: expected'],
    [{ port: '1.5' }, {}, undefined, '--port: expected'],
    [{ port: '' }, {}, undefined, '--port: expected a whole number from 0 to 65535, got ""'],
    [{}, { P_INSECURE: 'yes' }, undefined, 'P_INSECURE: expected true or false, got "yes"'],
    [{}, { P_RATIO: '1.1' }, undefined, 'P_RATIO: expected a number from 0 to 1, got "1.1"'],
    [{}, { P_PORT: 'tcp://10.0.0.1:80' }, undefined, 'enableServiceLinks: false'],
    [{ pool: 'pool' }, {}, undefined, '--pool: expected one of auto, inline, got "pool"'],
    [{ mode: '1777' }, {}, undefined, '--mode: expected a file mode, got "1777"'],
    [{ issuer: 'http://a' }, {}, undefined, '--issuer: expected a URL (https://…), got "http://a"'],
    [{ algorithms: 'none' }, {}, undefined, '--algorithms: expected a list of ES256, EdDSA'],
    [{ algorithms: 'ES256,' }, {}, undefined, '--algorithms: expected a list'],
    [{ algorithms: '["ES256"' }, {}, undefined, '--algorithms: expected a list'],
    [{}, {}, '{"algorithms": "ES256"}', 'p.json:1:2: algorithms: expected a list'],
    [
      {},
      {},
      '{\n  "port": "1"\n}',
      'p.json:2:3: port: expected a whole number from 0 to 65535, got "1"',
    ],
    [{}, {}, '{"port": true}', 'p.json:1:2: port: expected a whole number'],
    [{}, {}, '{"insecure": "true"}', 'p.json:1:2: insecure: expected true or false, got "true"'],
    [{}, {}, '{"prot": 1}', 'p.json:1:2: expected a setting, got "prot" (did you mean "port"?)'],
    [{}, {}, '{"P_CONFIG": ""}', 'p.json:1:2: expected a setting, got "P_CONFIG"'],
    [{}, {}, '{"config": "x"}', 'p.json:1:2: expected a setting, got "config"'],
    [
      {},
      {},
      '{"key-file": "x"}',
      'p.json:1:2: expected a setting, got "key-file" (did you mean "keyFile"?)',
    ],
    [{}, {}, '{"port": 1, "port": 2}', 'p.json:1:13: /port: expected each member once'],
    [{}, {}, '{"port": }', 'p.json:1:10: expected JSON'],
    [{}, {}, '[]', 'p.json:1:1: expected an object of settings, got an empty array'],
    [{ config: 'absent' }, {}, undefined, '--config: expected a file that can be read, got ENOENT'],
    [{}, { P_CONFIG: 'absent' }, undefined, 'P_CONFIG: expected a file that can be read'],
  ])('%j with %j and the file %s are refused', (flags, environment, file, message) => {
    expect(faultsOf(flags, environment, file)).toContain(message)
  })

  test('that are wrong are all named at once', () => {
    const said = faultsOf({ port: 'a' }, { P_POOL: 'b' }, '{"ratio": 2, "hots": "c"}').split('\n')
    const places = said.map((line) => line.replace(/: expected.*/, ''))
    expect(places.sort()).toEqual(['--port', 'P_POOL', 'p.json:1:14', 'p.json:1:2: ratio'])
  })

  test.each<[Flags, Environment, string]>([
    [
      { queueLimit: '13', batchLimit: '10' },
      {},
      '--batch-limit with --queue-limit: expected a batch limit of at most 9, the part of the queue limit of 13 that batches may take, got 10',
    ],
    [
      {},
      { PORTCULLIS_QUEUE_LIMIT: '13' },
      'PORTCULLIS_QUEUE_LIMIT: expected a batch limit of at most 9',
    ],
    [
      { batchBodyLimit: '3000' },
      { PORTCULLIS_BATCH_BYTES_LIMIT: '2999' },
      '--batch-body-limit with PORTCULLIS_BATCH_BYTES_LIMIT: expected a batch body limit of at most the limit of all batches, 2999, got 3000',
    ],
  ])(
    'that do not go together, as %j with %j, are named by what was given',
    (flags, environment, message) => {
      const got = readSettings(flags, environment)
      expect('faults' in got && got.faults.join('\n')).toContain(message)
    },
  )

  test('of which one is wrong are not blamed for what they would be together', () => {
    const got = readSettings({ queueLimit: 'x', batchLimit: '100000' }, {})
    expect('faults' in got && got.faults).toHaveLength(1)
  })

  test('say where they were given', () => {
    const got = readSettings(
      { port: '1', config: write('p.json', '{"listeners": 2}') },
      { PORTCULLIS_POOL: 'inline' },
      folder,
    )
    expect('origins' in got && got.origins).toEqual({
      config: '--config',
      port: '--port',
      pool: 'PORTCULLIS_POOL',
      listeners: 'p.json:1:2: listeners',
    })
  })
})

describe('a secret', () => {
  const token = 'correct-horse-battery'
  test.each<[string, Flags, Environment, string | undefined]>([
    ['a flag', { keyFile: 'key' }, {}, undefined],
    ['a variable', {}, { P_KEY_FILE: 'key' }, undefined],
    ['the settings file', {}, {}, '{"keyFile": "key"}'],
  ])('is read from a file that %s names, without the line end', (_, flags, environment, file) => {
    write('key', `${token}\n`)
    expect(read(flags, environment, file)).toMatchObject({ key: token })
  })

  test.each<[string, Flags, Environment, string | undefined, number, string, string]>([
    ['others can read', { keyFile: 'key' }, {}, undefined, 0o644, token, 'got mode 0644'],
    ['its group can change', { keyFile: 'key' }, {}, undefined, 0o660, token, 'got mode 0660'],
    [
      'has two lines',
      { keyFile: 'key' },
      {},
      undefined,
      0o600,
      `${token}\n${token}`,
      'expected a file with one line of text',
    ],
    [
      'is empty',
      { keyFile: 'key' },
      {},
      undefined,
      0o600,
      '',
      'expected a file with one line of text',
    ],
    [
      'is not there',
      { keyFile: 'no-key' },
      {},
      undefined,
      0o600,
      token,
      '--key-file: expected a file that can be read',
    ],
    [
      'is huge',
      { keyFile: 'key' },
      {},
      undefined,
      0o600,
      token.repeat(4_000),
      'expected a file of at most 65536 bytes',
    ],
    [
      'is said besides the secret',
      { keyFile: 'key' },
      { P_KEY: token },
      undefined,
      0o600,
      token,
      'P_KEY: expected the secret or a file with it, got both (--key-file)',
    ],
    ['has no name', {}, {}, '{"keyFile": ""}', 0o600, token, 'keyFile: expected a path'],
  ])(
    'in a file that %s is refused and not shown',
    (_, flags, environment, file, mode, text, message) => {
      write('key', text, mode)
      const said = faultsOf(flags, environment, file)
      expect(said).toContain(message)
      expect(said).not.toContain(token)
    },
  )

  test('of a wrong form is not shown', () => {
    for (const said of [
      faultsOf({}, { P_KEY: `${token}\n${token}` }),
      faultsOf({}, {}, `{"key": ["${token}"]}`),
    ]) {
      expect(said).toContain('expected one line of text, got something else')
      expect(said).not.toContain(token)
    }
  })

  test('in a settings file that others can read is refused', () => {
    write('p.json', `{"key": "${token}"}`, 0o644)
    expect(faultsOf({ config: 'p.json' })).toContain(
      'p.json:1:2: key: expected a file that its owner alone can change',
    )
  })
})

describe('the table of settings', () => {
  test('has a variable of its own and a help text for every setting', () => {
    const all = Object.values(areas).flatMap((area) => Object.entries(area))
    expect(Object.fromEntries(all)).toEqual(settings)
    expect(new Set(all.map(([, { env }]) => env)).size).toBe(all.length)
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length)
    for (const [name, { env, help }] of all) {
      expect(help).not.toBe('')
      expect(env).toBe(`PORTCULLIS_${flagOf(name).slice(2).replaceAll('-', '_').toUpperCase()}`)
    }
  })

  test('has defaults that are right', () => {
    expect(readSettings({}, {})).toHaveProperty('settings.port', 8181)
  })

  const accepts = new Ajv2020({ strict: false }).compile(settingsSchema(rows))
  const values = [
    '',
    'x',
    'auto',
    '0600',
    'https://a',
    'http://a',
    'ES256',
    0,
    1,
    0.5,
    65_535,
    65_536,
    -1,
    1e300,
    true,
    null,
    [],
    ['ES256'],
    ['x'],
    [''],
    [' '],
    [1],
    {},
  ]
  test.each(memberNames(rows).filter((name) => name !== 'keyFile'))(
    'and its schema agree on %s',
    (name) => {
      for (const value of values) {
        const text = JSON.stringify({ [name]: value })
        expect({ text, right: faultsOf({}, {}, text) === '' }).toEqual({
          text,
          right: accepts(JSON.parse(text)),
        })
      }
    },
  )
})

test('a variable that looks like a setting and is none is warned of, with the nearest', () => {
  expect(
    unknownVariables({ P: '', PORTCULLIS_PROT: '1', PORTCULLIS_PORT: '1', HOME: '/' }),
  ).toEqual(['PORTCULLIS_PROT is no setting: did you mean "PORTCULLIS_PORT"?'])
  expect(
    unknownVariables({ PORTCULLIS_K_FILE: '' }, { k: row.secret('PORTCULLIS_K', 'k') }),
  ).toEqual([])
})

test('listening beyond loopback has to be meant', () => {
  const needs = (host: string, flags: Flags = {}) => {
    const got = readSettings({ host, ...flags }, {})
    return 'settings' in got && needsInsecure(got.settings)
  }
  for (const host of ['127.0.0.1', 'localhost', '::1', '127.1.2.3']) expect(needs(host)).toBe(false)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com'])
    expect(needs(host)).toBe(true)
  expect(needs('0.0.0.0', { insecure: true })).toBe(false)
  expect(needs('0.0.0.0', { tokens: 'tokens.json' })).toBe(false)
})

import { describe, expect, test } from 'vitest'
import { flagOf, readSettings, settings } from './settings.ts'
import { needsInsecure } from './serve.ts'

const read = (flags: Record<string, string | boolean>, environment: Record<string, string> = {}) =>
  readSettings(flags, environment)

describe('settings', () => {
  test('come from flags, then the environment, then the defaults', () => {
    expect(read({})).toMatchObject({ settings: { port: 8181, host: '127.0.0.1', insecure: false } })
    expect(read({}, { PORTCULLIS_PORT: '9000' })).toMatchObject({ settings: { port: 9000 } })
    expect(read({ port: '1' }, { PORTCULLIS_PORT: '9000' })).toMatchObject({
      settings: { port: 1 },
    })
  })

  test.each([
    [{ port: 'http' }, {}, /--port: expected a whole number from 0 to 65535, got "http"/],
    [{ port: '65536' }, {}, /--port/],
    [{ port: '-1' }, {}, /--port/],
    [{}, { PORTCULLIS_BODY_LIMIT: '1' }, /PORTCULLIS_BODY_LIMIT: expected a whole number from 256/],
    [{}, { PORTCULLIS_INSECURE: 'yes' }, /PORTCULLIS_INSECURE: expected true or false/],
    [
      { batchLimit: '10', queueLimit: '13' },
      {},
      /--batch-limit: expected at most 9, the part of the queue limit of 13 that batches may take, got 10/,
    ],
    [
      { batchBodyLimit: '3000', batchBytesLimit: '2999' },
      {},
      /--batch-body-limit: expected at most the limit of all batches, 2999/,
    ],
  ])('%j with %j is named', (flags, environment, message) => {
    const got = read(flags, environment)
    expect('faults' in got && got.faults.join()).toMatch(message)
  })

  test('listening beyond loopback has to be meant', () => {
    const needs = (host: string, insecure = false) => {
      const got = read({ host, insecure })
      return 'settings' in got && needsInsecure(got.settings)
    }
    for (const host of ['127.0.0.1', 'localhost', '::1', '127.1.2.3'])
      expect(needs(host)).toBe(false)
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com'])
      expect(needs(host)).toBe(true)
    expect(needs('0.0.0.0', true)).toBe(false)
  })

  test('every setting has a variable of its own and a help text', () => {
    const rows = Object.values(settings)
    expect(new Set(rows.map(({ env }) => env)).size).toBe(rows.length)
    for (const { help } of rows) expect(help).not.toBe('')
    expect(flagOf('keepAliveTimeout')).toBe('--keep-alive-timeout')
  })
})

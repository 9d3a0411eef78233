import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { createServer as createHttpServer, request as plainRequest } from 'node:http'
import { Agent, request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { needsInsecure, serve, type Running } from '../serve.ts'
import { readSettings } from '../settings/read.ts'
import { digestOf, newToken } from './tokens.ts'

const { pack } = shippedPacks[0]!
const signIn = JSON.stringify(pack.cases[0]!.signIn)
const folder = mkdtempSync(join(tmpdir(), 'portcullis-tls-'))
const at = (name: string) => join(folder, name)

function openssl(...args: readonly string[]): boolean {
  try {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
/** `NAME.key` and `NAME.pem`: issued by itself, or by another. */
const certify = (name: string, by?: string, days = 2): boolean =>
  by === undefined
    ? openssl(
        'req',
        '-x509',
        ...newKey,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
        '-subj',
        `/CN=${name}`,
        '-days',
        String(days),
        '-addext',
        'subjectAltName=IP:127.0.0.1,DNS:localhost',
      )
    : openssl(
        'req',
        ...newKey,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`,
      ) &&
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        `${by}.pem`,
        '-CAkey',
        `${by}.key`,
        '-out',
        `${name}.pem`,
        '-days',
        String(days),
      )
const hasOpenssl =
  certify('server') &&
  certify('renewed') &&
  certify('ca') &&
  certify('gateway', 'ca') &&
  certify('other', 'ca') &&
  certify('stranger-ca') &&
  certify('stranger', 'stranger-ca')
if (!hasOpenssl) console.warn('skipped: certificates are made by openssl, which is not here')

const running: Running[] = []
const logged: string[] = []
async function start(flags: Readonly<Record<string, string>> = {}): Promise<Running> {
  const settings = settingsOf(flags)
  const each = await serve(pack, settings, (...line) => logged.push(JSON.stringify(line)))
  running.push(each)
  return each
}
afterAll(async () => {
  await Promise.all(running.map((each) => each.stop({ delayMs: 0, timeoutMs: 0 })))
  rmSync(folder, { recursive: true })
})

type Got = { readonly status: number; readonly text: string }
type As = { readonly client?: string; readonly token?: string; readonly agent?: Agent }

/** Asks on a connection of its own, as a client of that name. */
function ask(url: string, path: string, { client, token, agent }: As = {}): Promise<Got> {
  const pair = client && {
    cert: readFileSync(at(`${client}.pem`)),
    key: readFileSync(at(`${client}.key`)),
  }
  const ca = ['server', 'renewed'].map((name) => readFileSync(at(`${name}.pem`)))
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}${path}`,
      {
        method: path.startsWith('/v1/decisions') ? 'POST' : 'GET',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        agent: agent ?? new Agent({ ca, ...pair }),
      },
      (answer) => {
        let text = ''
        answer.on('data', (part: Buffer) => (text += part.toString()))
        answer.on('end', () => resolve({ status: answer.statusCode!, text }))
      },
    )
    asked.on('error', reject)
    asked.end(path.startsWith('/v1/decisions') ? signIn : undefined)
  })
}

const thumbprint = (name: string) =>
  new X509Certificate(readFileSync(at(`${name}.pem`))).fingerprint256
    .replaceAll(':', '')
    .toLowerCase()

describe.skipIf(!hasOpenssl)('TLS', async () => {
  if (!hasOpenssl) return
  const token = newToken()
  const entry = { scopes: ['decide'], expires: null }
  const tokens = at('tokens.json')
  writeFileSync(
    tokens,
    JSON.stringify({
      tokens: [{ id: 'token', sha256: digestOf(token), ...entry }],
      certificates: [{ id: 'gateway', sha256: thumbprint('gateway'), ...entry }],
    }),
    { mode: 0o600 },
  )
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k' }
  const keys = createHttpServer((_, outgoing) => outgoing.end(JSON.stringify({ keys: [jwk] })))
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    keys.closeAllConnections()
    keys.close()
  })
  /** A JWT that is bound to the certificate of a client. */
  const boundTo = (name: string) =>
    new SignJWT({
      iss: 'i',
      aud: 'a',
      scope: 'decide',
      cnf: { 'x5t#S256': Buffer.from(thumbprint(name), 'hex').toString('base64url') },
    })
      .setExpirationTime('5m')
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .sign(privateKey)

  const own = { tlsCert: at('server.pem'), tlsKey: at('server.key') }
  const mutual = await start({
    ...own,
    tlsClientCa: at('ca.pem'),
    tlsClientScopes: 'metrics',
    tokens,
    jwksUrl: `http://127.0.0.1:${(keys.address() as AddressInfo).port}/`,
    jwtIssuer: 'i',
    jwtAudience: 'a',
  })

  test.each<[string, As, Readonly<Record<string, number>>]>([
    ['nothing', {}, { '/livez': 200, '/v1/decisions': 401, '/metrics': 401 }],
    [
      'a certificate that the tokens file names',
      { client: 'gateway' },
      { '/livez': 200, '/v1/decisions': 200, '/metrics': 403 },
    ],
    [
      'another certificate of the CA',
      { client: 'other' },
      { '/livez': 200, '/v1/decisions': 403, '/metrics': 200 },
    ],
    [
      'a certificate of another CA',
      { client: 'stranger' },
      { '/livez': 200, '/v1/decisions': 401, '/metrics': 401 },
    ],
    ['a token', { token }, { '/livez': 200, '/v1/decisions': 200, '/metrics': 403 }],
    [
      'a token that is wrong, and a certificate',
      { token: newToken(), client: 'gateway' },
      { '/v1/decisions': 401 },
    ],
  ])('with %s', async (_, as, wanted) => {
    for (const [path, status] of Object.entries(wanted))
      expect([path, (await ask(mutual.url, path, as)).status]).toEqual([path, status])
  })

  test('a JWT that is bound to a certificate is good with that alone, also once it is known', async () => {
    const bound = await boundTo('other')
    for (let time = 0; time < 2; time++) {
      expect(
        (await ask(mutual.url, '/v1/decisions', { client: 'other', token: bound })).status,
      ).toBe(200)
      for (const client of ['gateway', 'stranger']) {
        const replayed = await ask(mutual.url, '/v1/decisions', { client, token: bound })
        expect(replayed.status).toBe(401)
        expect(replayed.text).toContain('bound to something else')
      }
      expect((await ask(mutual.url, '/v1/decisions', { token: bound })).status).toBe(401)
    }
  })

  test('what is no TLS is no request, and a handshake that never ends does not hold up a stop', async () => {
    const service = await start(own)
    const { port } = new URL(service.url)
    const plain = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n'),
      )
      let got = ''
      socket.on('data', (part) => (got += part.toString('latin1')))
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(got))
    })
    expect(plain).not.toContain('live')
    const idle = connect(Number(port), '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    idle.on('error', () => undefined)
    expect((await ask(service.url, '/v1/decisions')).status).toBe(200)
    await service.stop({ delayMs: 0, timeoutMs: 100 })
    await expect(ask(service.url, '/livez')).rejects.toThrow()
  })

  test('several listeners talk it, and all take up a certificate that was renewed; one that is broken changes nothing', async () => {
    for (const end of ['pem', 'key']) copyFileSync(at(`server.${end}`), at(`live.${end}`))
    const { url } = await start({ tlsCert: at('live.pem'), tlsKey: at('live.key'), listeners: '2' })
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const agent = new Agent({ rejectUnauthorized: false })
        const asked = request(`${url}/livez`, { agent }, (answer) => {
          resolve((answer.socket as TLSSocket).getPeerX509Certificate()!.subject)
          answer.resume()
        })
        asked.on('error', reject)
        asked.end()
      })
    const all = () => Promise.all(Array.from({ length: 12 }, shown))
    expect(new Set(await all())).toEqual(new Set(['CN=server']))
    logged.length = 0
    writeFileSync(at('live.pem'), 'broken')
    await vi.waitFor(() => expect(logged.join()).toContain('the last good stay'), {
      timeout: 30_000,
    })
    expect(new Set(await all())).toEqual(new Set(['CN=server']))
    for (const end of ['pem', 'key']) copyFileSync(at(`renewed.${end}`), at(`live.${end}`))
    await vi.waitFor(async () => expect(new Set(await all())).toEqual(new Set(['CN=renewed'])), {
      timeout: 30_000,
      interval: 200,
    })
    expect(logged.join()).not.toContain('PRIVATE KEY')
  })

  test.each<[string, () => Readonly<Record<string, string>>, RegExp]>([
    [
      'a key of another certificate',
      () => ({ ...own, tlsKey: at('other.key') }),
      /expected a certificate, its key/,
    ],
    ['no file', () => ({ ...own, tlsCert: at('none.pem') }), /none.pem: can't be read \(ENOENT\)/],
    [
      'a certificate alone',
      () => ({ tlsCert: at('server.pem') }),
      /expected a certificate and its key/,
    ],
    [
      'a CA alone',
      () => ({ tlsClientCa: at('ca.pem') }),
      /expected a certificate of the service too/,
    ],
    ['scopes without a CA', () => ({ ...own, tlsClientScopes: 'decide' }), /expected a CA/],
  ])('it does not start with %s', async (_, flags, why) => {
    await expect(start(flags())).rejects.toThrow(why)
  })

  test('beyond loopback certificates do instead of --insecure, TLS alone does not', () => {
    const needs = (flags: Record<string, string>) => {
      const read = readSettings({ host: '0.0.0.0', ...own, ...flags }, {})
      return 'settings' in read && needsInsecure(read.settings)
    }
    expect(needs({ tlsClientCa: at('ca.pem') })).toBe(false)
    expect(needs({})).toBe(true)
  })
})

describe('a unix socket', () => {
  const askSocket = (socketPath: string, path = '/v1/decisions') =>
    new Promise<number>((resolve, reject) => {
      const asked = plainRequest(
        { socketPath, path, method: 'POST', headers: { 'content-type': 'application/json' } },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode!)
        },
      )
      asked.on('error', reject)
      asked.end(signIn)
    })

  test.each(['600', '660', '0777'])(
    'is made with mode %s, whatever the umask, and taken away at the end',
    async (mode) => {
      const socket = at(`${mode}.sock`)
      const service = await start({ socket, socketMode: mode })
      expect(service.url).toBe(`unix:${socket}`)
      expect(statSync(socket).mode & 0o777).toBe(Number.parseInt(mode, 8))
      expect(await askSocket(socket)).toBe(200)
      await service.stop()
      expect(statSync(socket, { throwIfNoEntry: false })).toBeUndefined()
    },
  )

  test('that was left behind is replaced, one that is in use is not, nor anything else', async () => {
    const socket = at('stale.sock')
    const left =
      "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
    try {
      execFileSync(process.execPath, ['-e', left, socket], { stdio: 'ignore' })
    } catch {
      // it was killed, and could not clean up
    }
    expect(statSync(socket).isSocket()).toBe(true)
    await start({ socket })
    expect(await askSocket(socket)).toBe(200)
    await expect(start({ socket })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(await askSocket(socket)).toBe(200)

    const file = at('file')
    writeFileSync(file, 'precious')
    await expect(start({ socket: file })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const link = at('link')
    symlinkSync(socket, link)
    await expect(start({ socket: link })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(readFileSync(file, 'utf8')).toBe('precious')
  })

  test('is not shared between listeners, and may stand for loopback', () => {
    const read = (flags: Record<string, string>) =>
      readSettings({ socket: at('x.sock'), ...flags }, {})
    const shared = read({ listeners: '2' })
    expect('faults' in shared && shared.faults.join()).toMatch(/expected 1 listener/)
    const strange = read({ socketMode: '999' })
    expect('faults' in strange && strange.faults.join()).toMatch(/a file mode like 600/)
    const fine = read({ host: '0.0.0.0' })
    expect('settings' in fine && needsInsecure(fine.settings)).toBe(false)
  })

  test('is refused with a word where none can be made', async () => {
    await expect(start({ socket: at('none/x.sock') })).rejects.toThrow()
    const busy = createServer()
    await new Promise<void>((resolve) => busy.listen(at('busy.sock'), resolve))
    await expect(start({ socket: at('busy.sock') })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    busy.close()
  })
})

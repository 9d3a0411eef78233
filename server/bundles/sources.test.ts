import { spawnSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { fileSource } from './file-source.ts'
import { httpSource } from './http-source.ts'
import { isInward } from './inward.ts'
import { s3Source } from './s3.ts'
import { sourceOf } from './source-of.ts'
import type { Source, SourceReason } from './source.ts'

const scratch = mkdtempSync(join(tmpdir(), 'portcullis-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const never = new AbortController().signal
const mostBytes = 1_000

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})
async function listening(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
const serving = async (answer: RequestListener) =>
  new URL(`http://${await listening(createServer(answer))}/my.bundle?X-Amz-Signature=secret`)

const pulled = async (source: Source, tag?: string) => {
  const got = await source.pull(tag, never)
  return got === 'unchanged' ? got : { text: got.bytes.toString(), tag: got.tag }
}

/** What does not come of a pull, and why; nothing secret is said. */
async function check(source: Source, reason: SourceReason, message: RegExp, tag?: string) {
  const error: unknown = await source.pull(tag, never).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toMatchObject({ name: 'SourceError', reason })
  expect((error as Error).message).toMatch(message)
  expect(`${source.name} ${(error as Error).message}`).not.toMatch(/secret/)
}

describe('a file', () => {
  const file = join(scratch, 'a.bundle')
  const source = fileSource(file, mostBytes)

  test('is read anew when anything of it is another', async () => {
    writeFileSync(file, 'one')
    const first = await pulled(source)
    expect(first).toMatchObject({ text: 'one' })
    const { tag } = first as { tag: string }
    expect(await pulled(source, tag)).toBe('unchanged')
    const changes: (() => void)[] = [
      () => writeFileSync(file, 'more'),
      () => utimesSync(file, 1, 1),
      () => {
        writeFileSync(`${file}.next`, 'swap')
        renameSync(`${file}.next`, file)
      },
    ]
    let before = tag
    for (const change of changes) {
      change()
      const next = (await pulled(source, before)) as { text: string; tag: string }
      expect(next.text).toBe(readFileSync(file, 'utf8'))
      before = next.tag
    }
  })

  test('may be a link that is turned', async () => {
    const link = join(scratch, 'link')
    for (const name of ['v1', 'v2']) {
      writeFileSync(join(scratch, name), name)
      rmSync(link, { force: true })
      symlinkSync(name, link)
      expect(await pulled(fileSource(link, mostBytes))).toMatchObject({ text: name })
    }
  })

  test('that is not there, no file, or too large is no bundle', async () => {
    await check(fileSource(join(scratch, 'nowhere'), mostBytes), 'unreachable', /ENOENT/)
    mkdirSync(join(scratch, 'folder'))
    await check(fileSource(join(scratch, 'folder'), mostBytes), 'answer', /expected a file/)
    await check(fileSource('/dev/null', mostBytes), 'answer', /expected a file/)
    const pipe = join(scratch, 'pipe') // that nobody writes to
    if (spawnSync('mkfifo', [pipe]).status === 0)
      await check(fileSource(pipe, mostBytes), 'answer', /expected a file/)
    writeFileSync(join(scratch, 'huge'), '')
    truncateSync(join(scratch, 'huge'), 1e12)
    await check(fileSource(join(scratch, 'huge'), mostBytes), 'too-large', /at most 1000 bytes/)
  })
})

describe('a URL', () => {
  const options = { mostBytes, timeoutMs: 30_000 }

  test('is asked for what changed by its ETag', async () => {
    const asked: (string | undefined)[] = []
    const url = await serving((request, response) => {
      asked.push(request.headers['if-none-match'])
      response.setHeader('etag', '"v1"')
      response.writeHead(request.headers['if-none-match'] === '"v1"' ? 304 : 200).end('one')
    })
    const source = httpSource(url, options)
    expect(await pulled(source)).toEqual({ text: 'one', tag: '"v1"' })
    expect(await pulled(source, '"v1"')).toBe('unchanged')
    expect(await pulled(source, 'W/"v0"')).toEqual({ text: 'one', tag: '"v1"' })
    expect(asked).toEqual([undefined, '"v1"', 'W/"v0"'])
  })

  test.each(['', 'v1', '"v1', '"a\tb"', `"${'x'.repeat(500)}"`])(
    'with the ETag %j, which is none, is pulled whole each time',
    async (etag) => {
      const url = await serving((_, response) => response.setHeader('etag', etag).end('one'))
      expect(await pulled(httpSource(url, options))).toEqual({ text: 'one', tag: undefined })
    },
  )

  const to =
    (location: string, status = 302): RequestListener =>
    (_, response) =>
      void response.writeHead(status, { location }).end()
  const gives =
    (status: number, body = '', headers = {}): RequestListener =>
    (_, response) =>
      void response.writeHead(status, headers).end(body)
  const drips: RequestListener = (_, response) => {
    response.writeHead(200).write('x')
  }
  const pours: RequestListener = (_, response) => {
    response.writeHead(200)
    const pour = () => response.destroyed || (response.write('x'.repeat(500)), setImmediate(pour))
    pour()
  }
  test.each<[string, RequestListener, SourceReason, RegExp, Partial<typeof options>?]>([
    ['404', gives(404, 'secret'), 'answer', /expected 200, got 404$/],
    ['500', gives(500, 'secret'), 'answer', /expected 200, got 500$/],
    ['206', gives(206, 'half'), 'answer', /got 206/],
    ['304 that nobody asked for', gives(304), 'answer', /got 304/],
    ['a redirect to itself', to('/my.bundle'), 'answer', /at most 3 redirects/],
    ['a redirect to nowhere', gives(302), 'answer', /got 302/],
    ['a redirect to a file', to('file:///etc/passwd'), 'answer', /got 302/],
    ['a redirect with a password', to('http://me:secret@127.0.0.1/'), 'answer', /got 302/],
    ['more bytes than it may', gives(200, 'x'.repeat(1_001)), 'too-large', /at most 1000/],
    ['bytes without an end', pours, 'too-large', /at most 1000/],
    [
      'what would unpack to more',
      (_, response) =>
        void response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(1e6))),
      'answer',
      /no content encoding, got gzip/,
    ],
    ['nothing', () => undefined, 'timeout', /within 300 ms/, { timeoutMs: 300 }],
    ['a byte and then nothing', drips, 'timeout', /within 300 ms/, { timeoutMs: 300 }],
    [
      'less than it said',
      (_, response) => {
        response.writeHead(200, { 'content-length': 10 }).write('x')
        setImmediate(() => response.destroy())
      },
      'unreachable',
      /aborted|socket hang up|ECONNRESET/,
    ],
    ['no HTTP', ({ socket }) => void socket.end('secret\r\n\r\n'), 'unreachable', /Parse Error/],
  ])('that answers with %s gives no bundle', async (_, answer, reason, message, more) => {
    const url = await serving(answer)
    await check(httpSource(url, { ...options, ...more }), reason, message)
  })

  test('that answers with an error is left at once, whatever else it would send', async () => {
    const { promise: left, resolve } = Promise.withResolvers<void>()
    const url = await serving((_, response) => {
      response.writeHead(500).write('x')
      response.once('close', resolve)
    })
    await check(httpSource(url, options), 'answer', /got 500$/)
    await left
  })

  test('that wants to talk something else gives no bundle', async () => {
    const url = await serving(({ socket }) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    )
    await check(httpSource(url, options), 'answer', /got 101$/)
  })

  const onLinux = process.platform === 'linux' // where all of 127.0.0.0/8 is this machine
  test.skipIf(!onLinux)('elsewhere can not lead to this machine by a redirect', async () => {
    let asked = 0
    const inner = await serving((_, response) => void (asked++, response.end('inner')))
    const outer = createServer((request, response) => {
      const location = request.url === '/name' ? `http://localhost:${inner.port}/x` : inner.href
      response.writeHead(302, { location }).end()
    })
    servers.push(outer)
    await new Promise<void>((resolve) => outer.listen(0, '127.0.0.2', resolve))
    const { port } = outer.address() as AddressInfo
    const isInward = (address: string) => ['127.0.0.1', '::1'].includes(address)
    for (const path of ['address', 'name']) {
      const url = new URL(`http://127.0.0.2:${port}/${path}`)
      const message = /expected no redirect from elsewhere to this machine.*, got http:\/\//
      await check(httpSource(url, { ...options, isInward }), 'answer', message)
      expect(asked).toBe(0)
    }
    const url = new URL(`http://127.0.0.2:${port}/address`)
    expect(await pulled(httpSource(url, options))).toMatchObject({ text: 'inner' }) // it is here itself
  })

  test.each<[string, boolean]>([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['0.0.0.0', true],
    ['169.254.169.254', true],
    ['::1', true],
    ['::', true],
    ['fe80::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.1', false],
    ['93.184.216.34', false],
    ['2001:db8::1', false],
  ])('of the address %s leads inward: %s', (address, wanted) => {
    expect(isInward(address)).toBe(wanted)
  })

  test('that nobody listens to is unreachable', async () => {
    const url = await serving(() => undefined)
    servers[0]!.close()
    await check(httpSource(url, options), 'unreachable', /ECONNREFUSED/)
  })

  test('that redirects is followed, and the token stays with the first', async () => {
    const seen: IncomingMessage['headers'][] = []
    const end = await serving(({ headers }, response) => {
      seen.push(headers)
      response.end('one')
    })
    const url = await serving(({ headers }, response) => {
      seen.push(headers)
      response.writeHead(307, { location: end.href }).end()
    })
    const source = sourceOf(url.href, {
      environment: {},
      timeoutMs: 5_000,
      token: 'secret',
    }) as Source
    expect(await source.pull('"v1"', never)).toMatchObject({ bytes: Buffer.from('one') })
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer secret', undefined])
    expect(seen.map((headers) => headers['if-none-match'])).toEqual(['"v1"', '"v1"'])
  })

  test.skipIf(spawnSync('openssl', ['version']).status !== 0)(
    'of https is checked, and never left for http',
    async () => {
      const { status } = spawnSync(
        'openssl',
        `req -x509 -newkey ed25519 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost
          -addext subjectAltName=IP:127.0.0.1`.split(/\s+/),
        { cwd: scratch },
      )
      expect(status).toBe(0)
      const [key, cert] = ['key.pem', 'cert.pem'].map((name) =>
        readFileSync(join(scratch, name), 'utf8'),
      )
      let location = ''
      const host = await listening(
        createSecureServer(
          { key, cert },
          (request, response) =>
            void (
              request.url === '/' && location !== ''
                ? response.writeHead(302, { location })
                : response
            ).end('one'),
        ),
      )
      const plain = await serving((_, response) => response.end('plain'))
      const source = httpSource(new URL(`https://${host}/`), options)
      await check(source, 'unreachable', /self-signed/)
      const before = getCACertificates()
      setDefaultCACertificates([...before, cert!])
      try {
        expect(await pulled(source)).toMatchObject({ text: 'one' })
        location = '/elsewhere'
        expect(await pulled(source)).toMatchObject({ text: 'one' })
        location = plain.href
        await check(source, 'answer', /no redirect from https to http:\/\/127/)
      } finally {
        setDefaultCACertificates(before)
      }
    },
  )
})

const region = 'eu-central-1'
const env = {
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'a-secret/key+of=S3',
}

/** The signature that a request should have (AWS Signature Version 4), worked out from what came over the wire. */
function signatureOf({ method, url, headers }: IncomingMessage, secret: string): string {
  const authorization = headers.authorization ?? ''
  const [, scope = '', names = ''] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\S+), SignedHeaders=(\S+), /.exec(authorization) ?? []
  const [path = '', query = ''] = (url ?? '').split('?')
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const canonical = [
    method,
    path,
    query,
    signed.join(''),
    names,
    String(headers['x-amz-content-sha256']),
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(canonical)].join('\n')
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (key, part) => createHmac('sha256', key).update(part).digest(),
      `AWS4${secret}`,
    )
  return createHmac('sha256', key).update(toSign).digest('hex')
}

describe('an object in S3', () => {
  const objects = new Map<string, string>()
  async function store(): Promise<string> {
    const host = await listening(
      createServer((request, response) => {
        const { headers, url = '' } = request
        const refuse = (status: number, code: string) =>
          response
            .writeHead(status, { 'x-amz-bucket-region': region })
            .end(`<Error><Code>${code}</Code><Key>secret</Key></Error>`)
        const [, given] = /Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '') ?? []
        if (
          !/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, /.test(
            headers.authorization ?? '',
          )
        )
          return refuse(403, 'InvalidAccessKeyId')
        if (!/SignedHeaders=[^,]*host[^,]*x-amz-date/.test(headers.authorization!))
          return refuse(403, 'AccessDenied')
        if (given !== signatureOf(request, env.AWS_SECRET_ACCESS_KEY))
          return refuse(403, 'SignatureDoesNotMatch')
        const object = objects.get(decodeURIComponent(url))
        if (object === undefined) return refuse(404, 'NoSuchKey')
        const etag = `"${createHash('md5').update(object).digest('hex')}"`
        response.setHeader('etag', etag)
        if (headers['if-none-match'] === etag) return response.writeHead(304).end()
        return response.end(object)
      }),
    )
    return `http://${host}`
  }
  const options = { mostBytes, timeoutMs: 30_000 }
  const at = async (key: string, environment: Readonly<Record<string, string | undefined>> = env) =>
    s3Source(
      `s3://policies/${key}`,
      { AWS_ENDPOINT_URL_S3: await store(), ...environment },
      options,
    ) as Source

  test.each(['my.bundle', 'a folder/my pack (1)+2.bundle', "ünïcode/it's*!.bundle"])(
    'is pulled by its key %s, with a signature that holds, and by its ETag',
    async (key) => {
      objects.set(`/policies/${key}`, 'one')
      const source = await at(key)
      expect(source.name).toBe(`s3://policies/${key}`)
      const first = (await pulled(source)) as { text: string; tag: string }
      expect(first.text).toBe('one')
      expect(await pulled(source, first.tag)).toBe('unchanged')
      objects.set(`/policies/${key}`, 'two')
      expect(await pulled(source, first.tag)).toMatchObject({ text: 'two' })
    },
  )

  const file = join(scratch, 'credentials')
  test('is pulled with the keys of a file, read anew each time', async () => {
    const environment = { AWS_REGION: region, AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'ci' }
    const source = await at('my.bundle', { ...environment, HOME: scratch })
    await check(source, 'credentials', /AWS_ACCESS_KEY_ID.*credentials, got neither/)
    const section = (key: string) =>
      `[default]\naws_access_key_id = other\n\n[ci]\r\naws_access_key_id = AKIDEXAMPLE\r\n# key\naws_secret_access_key = ${key}\n`
    writeFileSync(file, '[default]\naws_access_key_id = x\naws_secret_access_key = y\n')
    await check(source, 'credentials', /keys of the profile ci, got none/)
    writeFileSync(file, section('wrong-secret'))
    await check(
      source,
      'answer',
      /got 403 SignatureDoesNotMatch \(the bucket is in eu-central-1\)$/,
    )
    writeFileSync(file, section(env.AWS_SECRET_ACCESS_KEY))
    objects.set('/policies/my.bundle', 'one')
    expect(await pulled(source)).toMatchObject({ text: 'one' })
  })

  test('that is not there, or not for these keys, is said so', async () => {
    await check(await at('nothing'), 'answer', /got 404 NoSuchKey/)
    await check(
      await at('my.bundle', { ...env, AWS_SECRET_ACCESS_KEY: 'secret' }),
      'answer',
      /got 403 SignatureDoesNotMatch/,
    )
    await check(
      await at('my.bundle', { ...env, AWS_ACCESS_KEY_ID: 'secret' }),
      'answer',
      /got 403 InvalidAccessKeyId/,
    )
  })

  test.each([
    { AWS_SESSION_TOKEN: 'a secret\nsecret' },
    { AWS_SESSION_TOKEN: 'secret\u0001' },
    { AWS_ACCESS_KEY_ID: 'secret☃' },
    { AWS_SECRET_ACCESS_KEY: 'secret secret' },
  ])('is not asked for with %j, which can not be sent, nor is that shown', async (wrong) => {
    const message = /^expected keys, and a session token, without spaces/
    await check(await at('my.bundle', { ...env, ...wrong }), 'credentials', message)
  })

  test('sends the token of a session', async () => {
    let seen: unknown
    const host = await listening(
      createServer(({ headers }, response) => {
        seen = headers['x-amz-security-token']
        response.end('one')
      }),
    )
    const source = s3Source(
      's3://policies/x',
      { ...env, AWS_ENDPOINT_URL: `http://${host}`, AWS_SESSION_TOKEN: 'session' },
      options,
    ) as Source
    await pulled(source)
    expect(seen).toBe('session')
  })

  test('never follows a redirect', async () => {
    const host = await listening(
      createServer((_, response) => void response.writeHead(307, { location: '/x' }).end()),
    )
    const source = s3Source(
      's3://policies/x',
      { ...env, AWS_ENDPOINT_URL: `http://${host}` },
      options,
    ) as Source
    await check(source, 'answer', /at most 0 redirects/)
  })

  test.each([
    ['s3://policies', {}, /expected s3:\/\/BUCKET\/KEY/],
    ['s3://Policies/x', {}, /expected s3:\/\/BUCKET\/KEY/],
    ['s3://policies/a/../b', {}, /without \. and \.\./],
    ['s3://policies/x', { AWS_REGION: '' }, /region of the bucket in AWS_REGION/],
    ['s3://policies/x', { AWS_REGION: 'eu/../x' }, /expected a region/],
    ['s3://policies/x', { AWS_ENDPOINT_URL: 'http://me:secret@host' }, /without a password/],
    ['s3://policies/x', { AWS_ENDPOINT_URL: 'minio:9000' }, /expected an http or https URL/],
  ])('%s with %j is a wrong setting', (text, more, message) => {
    const source = s3Source(text, { ...env, ...more }, options)
    expect(source).toMatch(message)
    expect(source).not.toMatch(/secret/)
  })
})

describe('a source', () => {
  const options = { environment: env, timeoutMs: 1_000 }
  test.each<[string, string | RegExp]>([
    ['/srv/my.bundle', '/srv/my.bundle'],
    ['./my.bundle', './my.bundle'],
    ['https://example.com/my.bundle?signature=secret', 'https://example.com/my.bundle'],
    ['HTTP://example.com/my.bundle', 'http://example.com/my.bundle'],
    ['s3://policies/my.bundle', 's3://policies/my.bundle'],
    ['ftp://example.com/x', /expected a path, or a URL of http, https or s3, got "ftp:\/\/"/],
    ['https://me:secret@example.com/x', /without a user and a password/],
    ['http://', /expected a URL/],
  ])('%s is known by what it is', (text, wanted) => {
    const source = sourceOf(text, options)
    if (typeof wanted === 'string') expect((source as Source).name).toBe(wanted)
    else expect(source).toMatch(wanted)
  })

  test('gets a token over https, or on this machine alone', () => {
    const withToken = (text: string) => sourceOf(text, { ...options, token: 'secret' })
    expect(withToken('http://example.com/x')).toMatch(/expected https, since the token/)
    expect(withToken('http://127.0.0.1.example.com/x')).toMatch(/expected https/)
    for (const text of [
      'https://example.com/x',
      'http://127.0.0.1:9/x',
      'http://[::1]/x',
      'http://localhost/x',
    ])
      expect(withToken(text)).toHaveProperty('pull')
  })
})

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { settings } from '../server/settings.ts'
import packageJson from '../package.json' with { type: 'json' }

const deploy = join(import.meta.dirname, '../deploy')
const textOf = (name: string) => readFileSync(join(deploy, name), 'utf8')

type Instruction = { readonly name: string; readonly text: string }

/** Instructions of a Dockerfile, by stage. */
function stagesOf(text: string): readonly (readonly Instruction[])[] {
  const instructions = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ')[0]!, text: line.slice(line.indexOf(' ') + 1) }))
  const stages: Instruction[][] = []
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') stages.push([])
    stages.at(-1)!.push(instruction)
  }
  return stages
}

/** What is wrong with a Dockerfile by the rules that ours is held to. */
function faultsOfDockerfile(text: string): readonly string[] {
  const stages = stagesOf(text)
  const last = stages.at(-1)!
  const all = (name: string) => last.filter((each) => each.name === name)
  const index = (name: string) => last.findIndex((each) => each.name === name)
  const user = all('USER').at(-1)?.text
  const rules: readonly (readonly [string, boolean])[] = [
    [
      'each image is pinned to a version of three numbers',
      stages.every(([from]) => /^\S+:\d+\.\d+\.\d+/.test(from!.text)),
    ],
    [
      'all stages run the Node.js that the tests run',
      stages.every(([from]) => from!.text.startsWith(`node:${packageJson.devDependencies.node}-`)),
    ],
    [
      'what builds is not in the image',
      stages.length > 1 && all('COPY').every(({ text }) => text.startsWith('--from=')),
    ],
    ['it does not run as root', user !== undefined && user !== 'root' && user !== '0'],
    ['nothing changes the user after the start is said', index('USER') < index('ENTRYPOINT')],
    [
      'it has a health check without a shell',
      all('HEALTHCHECK').some(({ text }) => /CMD \["node"/.test(text)),
    ],
    [
      'it starts without a shell',
      all('ENTRYPOINT')
        .concat(all('CMD'))
        .every(({ text }) => text.startsWith('[')),
    ],
    [
      'nothing is fetched by ADD, curl or wget',
      !/^ADD|curl |wget /m.test(text.replaceAll(/^#.*\n/gm, '')),
    ],
    [
      'it says nothing that is a secret',
      !/TOKEN|SECRET|PASSWORD/.test(
        all('ENV')
          .map(({ text }) => text)
          .join(' '),
      ),
    ],
    [
      'its variables are settings',
      all('ENV')
        .flatMap(({ text }) => text.match(/PORTCULLIS_\w+/g) ?? [])
        .every(isVariable),
    ],
  ]
  return rules.flatMap(([rule, kept]) => (kept ? [] : [rule]))
}

const isVariable = (name: string) => Object.values(settings).some(({ env }) => env === name)

/** What is wrong with a unit of systemd. */
function faultsOfUnit(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const has = (line: string) => lines.includes(line)
  const hardening = [
    'DynamicUser=yes',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'RestrictNamespaces=yes',
    'RestrictSUIDSGID=yes',
    'SystemCallFilter=@system-service',
    'SystemCallArchitectures=native',
    'ProtectKernelTunables=yes',
    'ProtectControlGroups=yes',
    'LockPersonality=yes',
    'UMask=0077',
    'StateDirectory=portcullis',
    'StateDirectoryMode=0700',
    'ExecReload=kill -HUP $MAINPID',
  ]
  const malformed = lines.filter((line) => !/^(?:\[\w+\]|[A-Z][A-Za-z]+=.*)$/.test(line))
  const variables = lines.flatMap((line) => /^Environment=(PORTCULLIS_\w+)=/.exec(line)?.[1] ?? [])
  return [
    ...hardening.filter((line) => !has(line)).map((line) => `expected ${line}`),
    ...malformed.map((line) => `expected NAME=VALUE, got ${line}`),
    ...variables.filter((name) => !isVariable(name)).map((name) => `${name} is no setting`),
    ...(has('MemoryDenyWriteExecute=yes')
      ? ['JavaScript needs memory that is written and run']
      : []),
  ]
}

describe('the Dockerfile', () => {
  const text = textOf('Dockerfile')
  test('keeps its rules', () => expect(faultsOfDockerfile(text)).toEqual([]))

  test.each([
    [
      'FROM node:26.9.0-bookworm-slim\n',
      'FROM node:latest\n',
      'each image is pinned to a version of three numbers',
    ],
    ['USER node\n', '', 'it does not run as root'],
    ['COPY --from=build', 'COPY', 'what builds is not in the image'],
    ['ENTRYPOINT ["portcullis"]', 'ENTRYPOINT portcullis', 'it starts without a shell'],
    ['PORTCULLIS_HOST', 'PORTCULLIS_HOTS', 'its variables are settings'],
    ['CMD ["node"', 'CMD ["curl"', 'it has a health check without a shell'],
  ])('with %j as %j is found', (good, bad, fault) => {
    expect(text).toContain(good)
    expect(faultsOfDockerfile(text.replaceAll(good, bad))).toContain(fault)
  })

  test('copies and runs only what there is', () => {
    const [script] = /deploy\/[\w-]+\.js/.exec(text)!
    expect(existsSync(join(deploy, '..', script))).toBe(true)
    expect(packageJson.files).toContain('deploy')
  })
})

describe('the unit of systemd', () => {
  const text = textOf('portcullis.service')
  test('keeps its rules', () => expect(faultsOfUnit(text)).toEqual([]))

  test.each([
    ['DynamicUser=yes\n', '', 'expected DynamicUser=yes'],
    ['PORTCULLIS_TOKENS', 'PORTCULLIS_TOKEN', 'PORTCULLIS_TOKEN is no setting'],
    ['PrivateTmp=yes', 'PrivateTmp', 'expected NAME=VALUE, got PrivateTmp'],
  ])('with %j as %j is found', (good, bad, fault) => {
    expect(text).toContain(good)
    expect(faultsOfUnit(text.replace(good, bad))).toContain(fault)
  })
})

test('what a clone installs to develop with reports nothing of it', () =>
  expect(packageJson.scarfSettings).toEqual({ enabled: false }))

test('the page makes each file that the unit needs before it starts it', () => {
  const page = readFileSync(join(deploy, '../docs/install.md'), 'utf8')
  const steps = page.slice(page.indexOf('## systemd'), page.indexOf('systemctl enable'))
  const needed = textOf('portcullis.service').match(/\/etc\/portcullis\/[\w.]+/g) ?? []
  expect(new Set(needed).size).toBe(2)
  for (const file of needed) expect(steps).toMatch(new RegExp(`(?:> |create --tokens )${file}`))
})

describe('the health check', () => {
  async function check(env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [join(deploy, 'health-check.js')], {
      env,
      stdio: 'ignore',
    })
    const [code] = (await once(child, 'exit')) as [number]
    return code
  }

  async function listening(server: Server, ...where: readonly [string] | readonly [0, string]) {
    await new Promise<void>((resolve) => server.listen(...(where as [0, string]), resolve))
    const address = server.address()
    return typeof address === 'object' && address !== null ? String(address.port) : ''
  }
  /** As a service answers: it refuses names that are not its own. */
  const readyz =
    (status: number): RequestListener =>
    ({ url, headers: { host } }, response) => {
      response.statusCode = host !== 'localhost' ? 421 : url === '/readyz' ? status : 404
      response.end()
    }

  test.each([
    [200, 0],
    [503, 1],
    [302, 1],
  ])('of a service whose /readyz is %i ends with %i', async (status, code) => {
    const server = createHttpServer(readyz(status))
    const port = await listening(server, 0, '127.0.0.1')
    for (const host of ['', '127.0.0.1', '0.0.0.0', 'localhost'])
      expect(await check({ PORTCULLIS_PORT: port, PORTCULLIS_HOST: host })).toBe(code)
    server.close()
  })

  test('asks at the address where the service listens', async () => {
    const server = createHttpServer(readyz(200))
    const port = await listening(server, 0, '127.0.0.2')
    expect(await check({ PORTCULLIS_PORT: port, PORTCULLIS_HOST: '127.0.0.2' })).toBe(0)
    expect(await check({ PORTCULLIS_PORT: port })).toBe(1)
    server.close()
  })

  test('asks at the socket of the service', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-health-'))
    const server = createHttpServer(readyz(200))
    await listening(server, join(folder, 'socket'))
    expect(await check({ PORTCULLIS_SOCKET: join(folder, 'socket') })).toBe(0)
    expect(await check({ PORTCULLIS_SOCKET: join(folder, 'other') })).toBe(1)
    server.close()
    rmSync(folder, { recursive: true })
  })

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0
  test.skipIf(!hasOpenssl)('talks TLS where the service does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-health-'))
    const made =
      'req -x509 -newkey ed25519 -nodes -days 1 -subj /CN=pdp.example -keyout key.pem -out cert.pem'
    expect(spawnSync('openssl', made.split(' '), { cwd: folder }).status).toBe(0)
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(folder, name)))
    const server = createHttpsServer({ key, cert }, readyz(200))
    const port = await listening(server, 0, '127.0.0.1')
    expect(await check({ PORTCULLIS_PORT: port, PORTCULLIS_TLS_CERT: '/tls/cert.pem' })).toBe(0)
    expect(await check({ PORTCULLIS_PORT: port })).toBe(1)
    server.close()
    rmSync(folder, { recursive: true })
  })

  test('where nobody listens ends with 1', async () => {
    const server = createServer()
    const port = await listening(server, 0, '127.0.0.1')
    await new Promise((resolve) => server.close(resolve))
    expect(await check({ PORTCULLIS_PORT: port })).toBe(1)
  })

  test('goes by variables of the service', () =>
    expect(
      (textOf('health-check.js').match(/PORTCULLIS_\w+/g) ?? []).filter(
        (name) => !isVariable(name),
      ),
    ).toEqual([]))
})

import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }

/**
 * `npm run test:package`: packs, installs the tarball as a global command under an empty folder, and uses it from another as the README
 * says. Ends with 1 at the first thing that is not as it should be.
 */
const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'portcullis-package-'))
const [prefix, home, elsewhere] = ['prefix', 'home', 'elsewhere'].map((name) => {
  mkdirSync(join(scratch, name))
  return join(scratch, name)
}) as [string, string, string]
const installed = join(prefix, 'lib/node_modules/portcullis')
const path = `${join(prefix, 'bin')}:${process.env['PATH']}`
const env = { PATH: path, HOME: home, NO_COLOR: '1' }
/** RapiDoc's script is 218 kB of them. What is there by mistake, as data or sources, is more than what is left. */
const mostBytes = 1_300_000
const mostInstalledKilobytes = 60_000

function step(what: string, does: () => void | Promise<void>): Promise<void> {
  const start = performance.now()
  return Promise.resolve(does()).then(() =>
    console.log(`ok ${what} (${((performance.now() - start) / 1_000).toFixed(1)} s)`),
  )
}

/** Runs the installed command where there is nothing of ours. */
function portcullis(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('portcullis', args, {
    cwd: elsewhere,
    env,
    encoding: 'utf8',
  })
  return { status, out: stdout, err: stderr }
}

/** Serves while something is done with it. */
async function serving(args: readonly string[], does: (url: string) => Promise<void>) {
  const service = spawn('portcullis', ['serve', '--port', '0', ...args], {
    cwd: elsewhere,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(service, 'exit')
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    service.stderr.on('data', (data: Buffer) => {
      said += data.toString()
      const [, at] = /try: curl (\S+)\/readyz/.exec(said) ?? []
      if (at !== undefined) resolve(at)
    })
    void ended.then(() => reject(new Error(`it ended: ${said}`)))
  })
  try {
    await does(url)
  } finally {
    service.kill('SIGTERM')
  }
  assert.deepEqual(await ended, [0, null], said)
}

const signIn = {
  user: { type: 'member', roles: [] },
  client: { app: 'exchangeActiveSync', authenticationFlow: 'none' },
  resource: { appId: '00000002-0000-0ff1-ce00-000000000000' },
}

try {
  let tarball = ''
  await step('it is packed', () => {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', scratch], {
      cwd: root,
      stdio: 'inherit',
    })
    tarball = join(
      scratch,
      readdirSync(scratch).find((name) => name.endsWith('.tgz'))!,
    )
    const { size } = statSync(tarball)
    assert.ok(size <= mostBytes, `expected at most ${mostBytes} bytes, got ${size}`)
    const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n')
    const stray = files.filter((name) => /(?<!\.d)\.ts$|\.test\.|node_modules/.test(name))
    assert.deepEqual(stray, [])
    console.log(`   ${size} bytes, ${files.length} files`)
  })
  await step('it installs as a global command', () => {
    execFileSync(
      'npm',
      [
        'install',
        '--global',
        '--prefix',
        prefix,
        '--prefer-offline',
        '--no-audit',
        '--no-fund',
        '--loglevel',
        'error',
        tarball,
      ],
      { cwd: elsewhere, stdio: 'inherit' },
    )
  })
  await step(
    'nothing runs while it is installed, and none of what RapiDoc is made of comes along',
    () => {
      const packages = readdirSync(join(prefix, 'lib/node_modules'), {
        recursive: true,
        encoding: 'utf8',
      })
        .filter((name) => /(?:^|node_modules\/)(?:@[^/]+\/)?[^/]+\/package\.json$/.test(name))
        .map((name) => join(prefix, 'lib/node_modules', name))
      assert.ok(packages.length > 20, `expected the packages that it needs, got ${packages.length}`)
      const loud = packages.filter((path) => {
        const { scripts = {} } = JSON.parse(readFileSync(path, 'utf8')) as { scripts?: object }
        const runs = ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
        return runs || existsSync(join(dirname(path), 'binding.gyp'))
      })
      assert.deepEqual(loud, [])
      const stray = packages.filter((path) =>
        /\/(?:swagger-client|@scarf|@swagger-api|rapidoc|@apitools)\//.test(path),
      )
      assert.deepEqual(stray, [])
      const size = Number(execFileSync('du', ['-sk', prefix], { encoding: 'utf8' }).split('\t')[0])
      assert.ok(
        size <= mostInstalledKilobytes,
        `expected at most ${mostInstalledKilobytes} kB, got ${size}`,
      )
      console.log(`   ${packages.length} packages, ${size} kB`)
    },
  )
  await step('all that its pages link to is there', () => {
    const pages = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.md') && !name.startsWith('node_modules'),
    )
    const links = pages.flatMap((page) =>
      [...readFileSync(join(installed, page), 'utf8').matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(
        ([, to]) => ({ page, to: to! }),
      ),
    )
    assert.ok(links.length > 20, `expected links, got ${links.length}`)
    assert.deepEqual(
      links.filter(({ page, to }) => !existsSync(join(installed, dirname(page), to))),
      [],
    )
  })
  await step('--version', () =>
    assert.equal(portcullis('--version').out, `${packageJson.version}\n`),
  )
  await step('check', () => {
    const { status, out } = portcullis('check')
    assert.equal(status, 0)
    assert.match(out, /^ok security-defaults: .*\n\nok security-defaults-current: /)
  })
  await step('doctor', () =>
    assert.match(portcullis('doctor', '--port', '0').out, /, 0 problems\n$/),
  )
  await step('decide', () => {
    writeFileSync(join(elsewhere, 'sign-in.json'), JSON.stringify(signIn))
    assert.match(portcullis('decide', 'sign-in.json').out, /^block\n/)
  })
  await step('replay', () => {
    const logs = join(installed, 'examples/sign-in-logs')
    const { status, out } = portcullis(
      'replay',
      join(logs, 'signins-training-lab.json'),
      join(logs, 'signins-panther-tests.json'),
    )
    assert.equal(status, 0)
    assert.match(out, /^security-defaults asks more of 9 of 13 users /)
  })
  await step('serve, with two listeners and decisions on worker threads', () =>
    serving(['--listeners', '2', '--pool', 'pooled'], async (url) => {
      for (let time = 0; time < 20; time++) {
        const answer = await fetch(`${url}/v1/decisions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', connection: 'close' },
          body: JSON.stringify(signIn),
        })
        assert.equal(((await answer.json()) as { outcome: string }).outcome, 'block')
      }
      const user = join(prefix, 'lib/asks.mts')
      writeFileSync(
        user,
        `import { createClient } from 'portcullis/client'
const client = createClient({ url: process.argv[2]! })
const { outcome } = await client.decide(${JSON.stringify(signIn)})
await client.close()
if (outcome !== 'block') throw new Error(outcome)
`,
      )
      execFileSync('node', [user, url], { cwd: elsewhere, env, stdio: 'inherit' })
      for (const at of [
        '/readyz',
        '/metrics',
        '/v1/rule-set',
        '/problems/not-found',
        '/docs',
        '/docs/rapidoc.js',
      ])
        assert.equal((await fetch(url + at)).status, 200, at)
    }),
  )
  await step('bench starts its own service and generator', () => {
    const { status, out, err } = portcullis(
      'bench',
      'load',
      '--shape',
      'smoke',
      '--rate',
      '100',
      '--length',
      '0.2',
    )
    assert.equal(status, 0, err)
    assert.match(out, /smoke/)
  })
  await step('bench engine says that it needs a clone', () => {
    const { status, err } = portcullis('bench', 'engine')
    assert.equal(status, 2)
    assert.match(err, /expected json-logic-engine|expected @|engine to compare with/)
  })
  await step(
    'portcullis/engine is imported, with its types, and those of portcullis/client',
    () => {
      const user = join(prefix, 'lib/user.ts')
      writeFileSync(
        user,
        `import { compileRules, parsePack } from 'portcullis/engine'
const rules = compileRules([{ conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] }, event: { type: 'b' } }], { allowUndefinedFacts: true })
const events: readonly { type: unknown }[] = rules.events({ a: 1 })
if (events.length !== 1 || typeof parsePack !== 'function') throw new Error('no event')
`,
      )
      execFileSync('node', [user], { cwd: elsewhere, env, stdio: 'inherit' })
      symlinkSync(join(root, 'node_modules/@types'), join(prefix, 'lib/node_modules/@types'))
      const strict = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2025',
        '--types',
        'node',
        '--ignoreConfig',
      ]
      execFileSync('tsc', [...strict, user, join(prefix, 'lib/asks.mts')], {
        cwd: join(prefix, 'lib'),
        stdio: 'inherit',
      })
    },
  )
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Who may import whom: the table of ARCHITECTURE.md. Across folders only through a front door. */
const may: Readonly<Record<string, readonly string[]>> = {
  rules: [],
  engine: [],
  bundle: ['engine'],
  client: ['engine'],
  server: ['engine', 'rules', 'bundle'],
  replay: ['engine', 'rules'],
  cli: ['engine', 'rules', 'bundle', 'client', 'server', 'replay', 'bench'],
  bench: ['engine', 'rules', 'server', 'replay'],
  'property-tests': ['engine', 'rules', 'bundle', 'client', 'server', 'replay', 'cli'],
}
const doors: Readonly<Record<string, readonly string[]>> = {
  engine: ['index.ts', 'fault.ts'], // the words of faults, without what decides
  server: ['index.ts', 'settings.ts'],
  cli: ['run.ts'],
  bench: [
    'index.ts',
    'report/markup.ts',
    'report/page-styles.ts',
    'report/samples.ts',
    'runs/shapes.ts',
  ],
}
const outside: Readonly<Record<string, readonly string[]>> = {
  rules: ['node:fs', 'node:path'],
  engine: [
    'json-rules-engine',
    'piscina',
    '@humanwhocodes/momoa',
    'node:crypto',
    'node:module',
    'node:os',
  ],
  bundle: ['node:crypto', 'node:fs'],
  client: ['node:http', 'node:https', 'node:timers/promises'],
  server: [
    '@hono/node-server',
    '@hono/node-server/utils/response',
    '@opentelemetry/api',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-trace',
    'aws4fetch',
    'chokidar',
    'hono',
    'jose',
    'pino',
    'piscina',
    'prom-client',
    'rate-limiter-flexible',
    'node:crypto',
    'node:dns',
    'node:events',
    'node:fs',
    'node:fs/promises',
    'node:http',
    'node:https',
    'node:module',
    'node:net',
    'node:os',
    'node:path',
    'node:perf_hooks',
    'node:sqlite',
    'node:stream',
    'node:timers/promises',
    'node:tls',
    'node:url',
    'node:util',
    'node:v8',
    'node:worker_threads',
    'node:zlib',
  ],
  replay: ['csv-parse/sync', 'node:fs', 'node:path', 'node:stream', 'node:zlib'],
  cli: [
    'commander',
    'node:child_process',
    'node:crypto',
    'node:fs',
    'node:fs/promises',
    'node:module',
    'node:net',
    'node:os',
    'node:path',
    'node:stream',
    'node:stream/promises',
    'node:util',
  ],
}
/** Libraries that one file alone may use. */
const only: Readonly<Record<string, string>> = {
  'json-rules-engine': 'engine/interpret.ts',
  piscina: 'engine/pool/one-thread.ts',
  '@humanwhocodes/momoa': 'engine/source.ts',
  'node:crypto': 'engine/rule-set.ts',
  'node:module': 'engine/pool/worker.ts',
}
/** The engine is pure but for the files that start threads. */
const impure =
  /\b(?:Date\.now|randomUUID|randomBytes|new Date\(\)|Math\.random|process\.|performance\.|setTimeout|setInterval|fetch\()/
const allowedImpure = [
  'pool.ts',
  'thread.ts',
  'one-thread.ts',
  'on-thread.ts',
  'worker.ts',
  'faulty-worker.ts',
].map((name) => `engine/pool/${name}`)

/** What is wrong with the imports of a file, given its path from the root and its text. */
function faultsOf(path: string, text: string): readonly string[] {
  const folder = path.split('/')[0]!
  const imports = [...text.matchAll(/(?<!['"\w.])(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(
    ([, name]) => name!,
  )
  const isTest = path.endsWith('.test.ts')
  return imports.flatMap((name) => {
    if (!name.startsWith('.')) {
      const known = outside[folder]
      if (folder === 'engine' && !isTest && only[name] !== undefined && only[name] !== path)
        return [`${path} may not import ${name}`]
      return known === undefined || isTest || known.includes(name)
        ? []
        : [`${path} may not import ${name}`]
    }
    const target = posix.join(posix.dirname(path), name)
    const [to = '', ...rest] = target.split('/')
    if (to === folder)
      return rest.join('/') === 'index.ts' && !isTest ? [`${path} imports its own front door`] : []
    if (to === 'package.json' || (isTest && to === 'property-tests')) return []
    if (!may[folder]?.includes(to)) return [`${path} may not import from ${to}/`]
    return (doors[to] ?? ['index.ts']).includes(rest.join('/'))
      ? []
      : [`${path} goes past the front door of ${to}/: ${name}`]
  })
}

const root = join(import.meta.dirname, '..')
const files = Object.keys(may)
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      posix.join(folder, name),
    ),
  )
  .filter((path) => path.endsWith('.ts') && !path.endsWith('architecture.test.ts')) // this file plants bad imports
const texts = new Map(files.map((path) => [path, readFileSync(join(root, path), 'utf8')]))

describe('architecture', () => {
  test('every import is one that the table allows', () => {
    expect(files.length).toBeGreaterThan(40)
    expect(files.flatMap((path) => faultsOf(path, texts.get(path)!))).toEqual([])
  })

  test('a planted import from the engine to the rules is found', () => {
    expect(faultsOf('engine/compile.ts', "import { readPack } from '../rules/index.ts'")).toEqual([
      'engine/compile.ts may not import from rules/',
    ])
    expect(
      faultsOf('server/app.ts', "import { compile } from '../engine/compile.ts'"),
    ).toHaveLength(1)
    expect(faultsOf('engine/compile.ts', "import { readFileSync } from 'node:fs'")).toHaveLength(1)
    expect(faultsOf('engine/compile.ts', "await import('node:fs'); it['from'] = 'x'")).toHaveLength(
      1,
    )
  })

  test('threads and processes are started from modules that are found built too (moduleBeside)', () => {
    const named = /new URL\(\s*['"`][^'"`]*\.ts['"`]/
    expect(named.test("new URL('./worker.ts', import.meta.url)")).toBe(true)
    const found = files.filter((path) => !path.endsWith('.test.ts') && named.test(texts.get(path)!))
    expect(found).toEqual([])
  })

  test('the engine has no clock, no randomness and no environment', () => {
    const found = files.filter(
      (path) =>
        path.startsWith('engine/') &&
        !allowedImpure.includes(path) &&
        !path.endsWith('.test.ts') &&
        impure.test(texts.get(path)!),
    )
    expect(found).toEqual([])
  })

  test('no module of the engine leads back to itself', () => {
    const importsOf = (path: string) =>
      [
        ...texts.get(path)!.matchAll(/^(?:import|export)\s(?!type\b)[^']*from '(\.[^']+\.ts)'/gm),
      ].map(([, name]) => posix.join(posix.dirname(path), name!))
    const visit = (path: string, above: readonly string[]): string[] =>
      above.includes(path)
        ? [[...above.slice(above.indexOf(path)), path].join(' → ')]
        : importsOf(path).flatMap((next) => visit(next, [...above, path]))
    expect(
      files.filter((path) => path.startsWith('engine/')).flatMap((path) => visit(path, [])),
    ).toEqual([])
  })
})

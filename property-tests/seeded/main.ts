import { basename, join } from 'node:path'
import { createVitest } from 'vitest/node'
import { bugs, type Bug } from './bugs.ts'

/** Plants each bug in the prover and wants a test to fail: `npm run test:seeded`, a table of which one did. */

const suites = ['witness', 'computed', 'solver']
  .map((name) => `engine/verify/${name}.test.ts`)
  .concat('property-tests/proving.test.ts', 'property-tests/verdicts.test.ts')
/** Modules whose bugs another suite than the first is likeliest to catch. */
const likeliest: Readonly<Record<string, string>> = {
  solver: 'solver',
  certificate: 'solver',
  computed: 'computed',
  encoding: 'computed',
  differences: 'computed',
}
process.env['PROPERTY_RUNS'] ??= '120'
const root = join(import.meta.dirname, '..', '..')

const moduleOf = (file: string) => basename(file, '.ts')

/** The test that fails with the bug planted; undefined when all pass. */
async function caughtBy({ name, file, text, wrong }: Bug): Promise<string | undefined> {
  let isPlanted = false
  const plant = {
    name: 'plant',
    enforce: 'pre' as const,
    transform(code: string, id: string): string | undefined {
      if (id.split('?')[0] !== join(root, file)) return undefined
      if (code.split(text).length !== 2)
        throw new Error(`"${name}" is planted where ${file} says "${text}", and it does not, once`)
      isPlanted = true
      return code.replace(text, () => wrong)
    },
  }
  const vitest = await createVitest(
    'test',
    {
      root,
      watch: false,
      pool: 'threads',
      maxWorkers: 1,
      bail: 1,
      reporters: [{}],
      fsModuleCache: false, // or bugs would outlive their trial
      testTimeout: 60_000,
    },
    { plugins: [plant] },
  )
  try {
    const first = suites.find((suite) => suite.endsWith(`/${likeliest[moduleOf(file)]}.test.ts`))
    for (const suite of new Set([...(first === undefined ? [] : [first]), ...suites])) {
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications([
        vitest.getRootProject().createSpecification(join(root, suite)),
      ])
      const module = testModules.find((each) => each.moduleId === join(root, suite))
      const failed = module && [...module.children.allTests('failed')][0]
      const problem = module?.errors()[0] ?? unhandledErrors[0]
      if (failed === undefined && problem !== undefined) throw problem as Error
      if (failed !== undefined) return failed.fullName
    }
  } finally {
    await vitest.close()
  }
  if (!isPlanted) throw new Error(`no test loads ${file}`)
  return undefined
}

const only = process.argv[2]
const escaped: string[] = []
for (const bug of bugs) {
  if (only !== undefined && !`${bug.file} ${bug.name}`.includes(only)) continue
  const test = await caughtBy(bug)
  if (test === undefined) escaped.push(bug.name)
  console.log(`${moduleOf(bug.file).padEnd(12)} ${bug.name.padEnd(56)} ${test ?? 'NOT CAUGHT'}`)
}
console.log(
  `${escaped.length === 0 ? 'every bug' : `all but ${escaped.length}`} of ${bugs.length} caught`,
)
process.exitCode = escaped.length === 0 ? 0 : 1

import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type Reporter, type TestModule, type TestSpecification } from 'vitest/node'

/** A closing line that any tool can read. */
const counted: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.errors().length > 0).length
    const skipped = count('skipped')
    console.log(
      `\n${count('passed')} passed, ${count('failed') + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
    )
  },
}

/** Files that take the longest, though they are not the largest: in a clone that has run none yet they begin first all the same. */
const slowest = [
  'bench/soak/soak',
  'cli/serve-log',
  'server/listeners/listeners',
  'bench/load/drive',
  'server/shadow/shadow',
  'server/rule-sets/service',
  'property-tests/readme',
  'property-tests/packs',
  'engine/pool/pool',
  'property-tests/equivalence',
  'cli/run',
  'property-tests/pairs',
  'cli/verify',
  'bench/load/truth',
  'bench/report/html.browser',
  'cli/until-stopped',
  'bench/peers/cerbos-server',
].map((name) => join(import.meta.dirname, `${name}.test.ts`))

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const place = ({ moduleId }: TestSpecification) =>
      slowest.includes(moduleId) ? slowest.indexOf(moduleId) : slowest.length
    return sorted.toSorted((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '.stryker-tmp/**'],
    setupFiles: ['property-tests/setup.ts'],
    reporters: ['default', counted],
    sequence: { sequencer: SlowestFirst },
    maxWorkers: 2, // on two cores as well: most of them wait for sockets, timers and threads
    // Compiled code is kept, as `portcullis` keeps it: tests start hundreds of threads and processes.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/portcullis') },
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
})

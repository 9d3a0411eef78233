import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { Reporter, TestModule } from 'vitest/node'

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

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '.stryker-tmp/**'],
    setupFiles: ['property-tests/setup.ts'],
    reporters: ['default', counted],
    maxWorkers: 2, // on two cores as well: most of them wait for sockets, timers and threads
    // Compiled code is kept, as `portcullis` keeps it: tests start hundreds of threads and processes.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/portcullis') },
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
})

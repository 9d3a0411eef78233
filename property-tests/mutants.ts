import { join } from 'node:path'
import type { CoverageData, MutantCoverage, MutantResult } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import type { Reporter } from '@stryker-mutator/api/report'
import {
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
  type DryRunOptions,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner'
import { createVitest, type Vitest } from 'vitest/node'

/** The tests that a mutant has to fail, file by file; the quickest first. Packs, HTTP and threads have nothing to add. */
const files = [
  'engine/operators.test.ts',
  'engine/decision.test.ts',
  'engine/compile/outcomes.test.ts',
  'engine/compile/indexed.test.ts',
  'engine/compile/plan.test.ts',
  'engine/compile/remembered.test.ts',
  'engine/compile/trace.test.ts',
  'property-tests/compile-rules-contract.test.ts',
  'property-tests/code.test.ts',
  'property-tests/combining.test.ts',
  'property-tests/operators.test.ts',
  'property-tests/compile-rules-traps.test.ts',
  'property-tests/compile-rules.test.ts',
  'property-tests/equivalence.test.ts',
]
const leftOut = /^(?!.*(pooled|under security|a pack|references count)).*/

/**
 * Runs tests for Stryker (`npm run mutants`) in one vitest for thousands of mutants, since to start it and to transform the
 * sources takes longer than most mutants live. A file is what Stryker takes for a test: it has a thread, and so modules, of
 * its own, loaded with the mutant in them, and is run only for mutants that it reaches.
 */
class Runner implements TestRunner {
  private vitest: Vitest | undefined

  capabilities() {
    return { reloadEnvironment: true }
  }

  async init() {
    process.env['PROPERTY_RUNS'] ??= '15'
    this.vitest = await createVitest('test', {
      watch: false,
      pool: 'threads',
      maxWorkers: 1,
      bail: 1,
      reporters: [{}],
      testNamePattern: leftOut,
    })
    await this.vitest.standalone()
  }

  async dryRun({ testFiles }: DryRunOptions): Promise<DryRunResult> {
    const tests: TestResult[] = []
    const perTest: Record<string, CoverageData> = {}
    for (const file of files) {
      if (testFiles?.includes(join(process.cwd(), file)) === false) continue
      const { coverage, ...result } = await this.run(file, { currentTestId: file })
      tests.push(result)
      perTest[file] = coverage
    }
    if (Object.values(perTest).every((each) => Object.keys(each).length === 0))
      throw new Error('no test reaches any mutant')
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: {}, perTest } }
  }

  async mutantRun({
    activeMutant,
    testFilter,
    hitLimit,
  }: MutantRunOptions): Promise<MutantRunResult> {
    const tests: TestResult[] = []
    // All files load the readers of other people's rules, and few use them.
    const isOfOthers = activeMutant.fileName.includes('compile-rules')
    const reaching = files.filter((each) => testFilter!.includes(each))
    const wanted = reaching.filter((each) => !isOfOthers || each.includes('compile-rules'))
    for (const file of wanted) {
      tests.push(await this.run(file, { activeMutant: activeMutant.id, hitCount: 0, hitLimit }))
      if (tests.at(-1)!.status === TestStatus.Failed) break
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests })
  }

  async dispose() {
    await this.vitest?.close()
  }

  private async run(file: string, trial: object) {
    process.env['TRIAL'] = JSON.stringify(trial)
    const vitest = this.vitest!
    vitest.state.filesMap.clear() // or it would answer with what it ran before, too
    const from = performance.now()
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([
      vitest.getRootProject().createSpecification(join(process.cwd(), file)),
    ])
    const timeSpentMs = performance.now() - from
    const tests = testModules.flatMap((module) => [...module.children.allTests()])
    const ran = tests.filter((test) => ['passed', 'failed'].includes(test.result().state))
    const [problem] = [
      ...testModules
        .flatMap((module) => module.errors())
        .map(({ message }) => `cannot load: ${message}`),
      ...ran.flatMap((test) =>
        (test.result().errors ?? []).map(({ message }) => `${test.fullName}: ${message}`),
      ),
      ...unhandledErrors.map((error) => `unhandled: ${String(error)}`),
    ]
    if (problem === undefined && ran.length === 0) throw new Error(`no test of ${file} was run`)
    const meta = testModules[0]?.meta() as { readonly coverage?: MutantCoverage } | undefined
    const coverage = meta?.coverage?.perTest[file] ?? {}
    const base = { id: file, name: file, timeSpentMs, coverage }
    return problem === undefined
      ? { ...base, status: TestStatus.Success as const }
      : { ...base, status: TestStatus.Failed as const, failureMessage: problem }
  }
}

/** Says at once what survives. What no test was run for has not survived anything: then the run fails, whatever the score. */
class Guard implements Reporter {
  onMutantTested(mutant: MutantResult) {
    const { fileName, location, status, statusReason, testsCompleted = 0 } = mutant
    const place = `${fileName}:${location.start.line}:${location.start.column + 1}`
    if (status === 'Survived' || status === 'NoCoverage')
      console.log(`${place} ${mutant.mutatorName} ${status}: ${mutant.replacement}`)
    if (testsCompleted > 0 || status === 'NoCoverage' || status === 'Timeout') return
    process.exitCode = 1
    console.error(`${place} was not tried (${status}): ${statusReason}`)
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'kept', Runner),
  declareClassPlugin(PluginKind.Reporter, 'guard', Guard),
]

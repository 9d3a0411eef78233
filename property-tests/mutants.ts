import { join } from 'node:path'
import { INSTRUMENTER_CONSTANTS, type MutantResult } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import type { Reporter } from '@stryker-mutator/api/report'
import {
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner'
import { createVitest, type TestModule, type Vitest } from 'vitest/node'

/**
 * Runs the tests for Stryker (`npm run mutants`) in one vitest for thousands of mutants, since to start it and to transform
 * the sources takes longer than most mutants live. Each step of tests gets a thread of its own, and so modules that were
 * loaded with the mutant in them: tables are mutated too.
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
      isolate: false,
      maxWorkers: 1,
      bail: 1,
      reporters: [{}],
      testNamePattern: leftOut,
    })
    await this.vitest.standalone()
  }

  dryRun() {
    return this.run([...ofDecisions, ofRules])
  }

  async mutantRun({ activeMutant: { id, fileName } }: MutantRunOptions): Promise<MutantRunResult> {
    process.env[INSTRUMENTER_CONSTANTS.ACTIVE_MUTANT_ENV_VARIABLE] = id
    const steps = fileName.includes('compile-rules') ? [ofRules] : [...ofDecisions, ofRules]
    return toMutantRunResult(await this.run(steps))
  }

  async dispose() {
    await this.vitest?.close()
  }

  /** Runs step after step until a test fails; within one, vitest loads all files even when the first fails. */
  private async run(steps: readonly (readonly string[])[]): Promise<DryRunResult> {
    const vitest = this.vitest!
    const tests: TestResult[] = []
    for (const files of steps) {
      vitest.state.filesMap.clear() // it would answer with what it ran before, too
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
        files.map((file) => vitest.getRootProject().createSpecification(join(process.cwd(), file))),
      )
      tests.push(...testModules.flatMap(resultsOf))
      if (unhandledErrors.length > 0)
        tests.push(failed(files[0]!, 'unhandled', String(unhandledErrors[0])))
      if (tests.some(({ status }) => status === TestStatus.Failed)) break
    }
    return { status: DryRunStatus.Complete, tests }
  }
}

/** The likeliest to fail, and the quickest, first. */
const ofDecisions = [
  ['engine/compile/plan.test.ts'],
  [
    'property-tests/code.test.ts',
    'property-tests/operators.test.ts',
    'property-tests/equivalence.test.ts',
    'property-tests/combining.test.ts',
  ],
]
const ofRules = [
  'property-tests/compile-rules-contract.test.ts',
  'property-tests/compile-rules-traps.test.ts',
  'property-tests/compile-rules.test.ts',
]

/** What takes long for what it adds: threads, the same again under each pack, files of packs, references in depth. */
const leftOut = /^(?!.*(pooled|under security|a pack|references count)).*/

function resultsOf(module: TestModule): readonly TestResult[] {
  const file = module.relativeModuleId
  const broken = module.errors().map(({ message }) => failed(file, 'is loaded', message))
  const tests = [...module.children.allTests()].flatMap((test): readonly TestResult[] => {
    const { state, errors } = test.result()
    if (state === 'failed') return [failed(file, test.fullName, errors[0]!.message)]
    if (state !== 'passed') return []
    const name = `${file} > ${test.fullName}`
    return [
      { id: name, name, timeSpentMs: test.diagnostic()!.duration, status: TestStatus.Success },
    ]
  })
  return [...broken, ...tests]
}

function failed(file: string, test: string, failureMessage: string): TestResult {
  const name = `${file} > ${test}`
  return { id: name, name, timeSpentMs: 0, status: TestStatus.Failed, failureMessage }
}

/** A mutant that no test was run for has not survived anything. */
class Guard implements Reporter {
  onMutantTested({
    fileName,
    location,
    status,
    statusReason,
    testsCompleted,
  }: Readonly<MutantResult>) {
    if (testsCompleted || status === 'Timeout') return
    process.exitCode = 1
    console.error(
      `${fileName}:${location.start.line}: no test was run (${status}): ${statusReason}`,
    )
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'kept', Runner),
  declareClassPlugin(PluginKind.Reporter, 'guard', Guard),
]

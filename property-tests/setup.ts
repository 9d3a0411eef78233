import fc from 'fast-check'
import { afterAll } from 'vitest'

/** What the sources that Stryker has changed look at; `property-tests/mutants.ts` sets and reads it. */
const trial = process.env['TRIAL']
if (trial !== undefined) {
  const stryker = JSON.parse(trial) as { readonly mutantCoverage?: object }
  Object.assign(globalThis, { __stryker__: stryker })
  // oxlint-disable-next-line no-empty-pattern -- vitest wants it
  afterAll(({}, file) => void Object.assign(file.meta, { coverage: stryker.mutantCoverage }))
}

/** One seed for everybody, so that a red run is red again; PROPERTY_SEED and PROPERTY_RUNS look elsewhere and longer. */
fc.configureGlobal({
  seed: Number(process.env['PROPERTY_SEED'] ?? 20_240_415),
  numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300),
  endOnFailure: trial !== undefined,
})

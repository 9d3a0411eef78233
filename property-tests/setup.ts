import fc from 'fast-check'

/** The change under trial, and how often it may be met: a loop that it makes endless has to end (`npm run mutants`). */
const activeMutant = process.env['__STRYKER_ACTIVE_MUTANT__']
if (activeMutant !== undefined)
  Object.assign(globalThis, { __stryker__: { activeMutant, hitCount: 0, hitLimit: 20_000_000 } })

/** One seed for everybody, so that a red run is red again; PROPERTY_SEED and PROPERTY_RUNS look elsewhere and longer. */
fc.configureGlobal({
  seed: Number(process.env['PROPERTY_SEED'] ?? 20_240_415),
  numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300),
  endOnFailure: activeMutant !== undefined,
})

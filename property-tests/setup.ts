import fc from 'fast-check'

/** One seed for everybody, so that a red run is red again; PROPERTY_SEED and PROPERTY_RUNS look elsewhere and longer. */
fc.configureGlobal({
  seed: Number(process.env['PROPERTY_SEED'] ?? 20_240_415),
  numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300),
})

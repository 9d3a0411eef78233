import { packNames } from '../../rules/index.ts'
import { changedRules, needlessRules } from './changes.ts'
import { wrongComparison, wrongLint, wrongVerdict } from './checks.ts'
import type { Answer, Sample } from './prover-process.ts'
import { basename, join } from 'node:path'
import { question, read, written, type Prepared, type Question } from './question.ts'
import { tenantPack } from './tenant-pack.ts'

const ofProcess =
  'CPU time of a fresh process, on all cores, from its start to the answer: loading, reading and parsing the files, proving, certificates, the nearest witnesses'

const seconds = {
  unit: 's',
  method: ofProcess,
  value: ({ cpuMs }: Pick<Sample<never>, 'cpuMs'>) => cpuMs / 1_000,
}

/** What the prover has to reach, on whatever machine it is measured. They are only ever made harder. */
export const questions: readonly Question[] = [
  question(proving(1_000), [
    {
      name: 'prove-1000',
      what: '1,000 rules and 20 invariants, half of which are broken',
      atMost: 2,
      ...seconds,
    },
  ]),
  question(provingShipped, [
    {
      name: 'prove-shipped',
      what: 'all invariants of the packs that come with Portcullis',
      atMost: 500,
      unit: 'ms',
      method:
        'CPU time of a fresh process, on all cores, once it has loaded its modules: reading and parsing the packs, proving, certificates',
      value: ({ ownCpuMs }) => ownCpuMs,
    },
  ]),
  question(comparing, [
    {
      name: 'diff-1000',
      what: '1,000 rules compared with the same after ten were changed, a witness for each kind of change',
      atMost: 2,
      ...seconds,
    },
  ]),
  question(linting, [
    { name: 'lint-1000', what: 'what can be left out of 1,000 rules', atMost: 3, ...seconds },
  ]),
  question(proving(10_000), [
    {
      name: 'prove-10000',
      what: '10,000 rules and 20 invariants, half of which are broken',
      atMost: 30,
      ...seconds,
    },
    {
      name: 'prove-10000-memory',
      what: 'resident memory at its peak, of the same',
      atMost: 600,
      unit: 'MB',
      method: 'what the system says of that process at its end',
      value: ({ peakRssBytes }) => peakRssBytes / 1e6,
    },
  ]),
]

const countsOf = (found: Answer['prove']) => {
  const verdicts = found.flatMap((each) => each.verdicts.map(({ verdict }) => verdict))
  return {
    proved: verdicts.filter((each) => each === 'proved').length,
    refuted: verdicts.filter((each) => each === 'refuted').length,
    'conclusions certified': found.reduce((sum, { certified }) => sum + certified, 0),
  }
}

function proving(count: number) {
  return (folder: string, seed: number): Prepared<'prove'> => {
    const { files, expected } = tenantPack(basename(folder), count, seed)
    const { ruleSet } = written(folder, files)
    return {
      task: { ask: 'prove', packs: [folder] },
      fault: ([found]) => wrongVerdict(found!, ({ name }) => expected[name]!, ruleSet),
      counts: countsOf,
    }
  }
}

function provingShipped(): Prepared<'prove'> {
  const packs = packNames()
  const ruleSets = packs.map((name) => read(name).ruleSet)
  return {
    task: { ask: 'prove', packs },
    fault: (found) =>
      found
        .map((each, at) => wrongVerdict(each, () => 'proved', ruleSets[at]!))
        .find((wrong) => wrong !== undefined),
    counts: countsOf,
  }
}

function comparing(folder: string, seed: number): Prepared<'diff'> {
  const packs = [join(folder, 'before'), join(folder, 'after')] as const
  const from = written(packs[0], tenantPack('before', 1_000, seed).files)
  const to = written(packs[1], tenantPack('after', 1_000, seed, changedRules).files)
  return {
    task: { ask: 'diff', packs },
    fault: (found) => wrongComparison(found, from.ruleSet, to.ruleSet),
    counts: (found) => ({
      'kinds of change': kinds(found, 'some'),
      'proved to be none': kinds(found, 'none'),
      'conclusions certified': found.unsupported === undefined ? found.certified : 0,
    }),
  }
}

const kinds = (found: Answer['diff'], wanted: 'some' | 'none'): number =>
  found.unsupported === undefined
    ? found.compared.filter(({ verdict }) => verdict === wanted).length
    : 0

function linting(folder: string, seed: number): Prepared<'lint'> {
  const { ruleSet } = written(folder, tenantPack(basename(folder), 990, seed, needlessRules).files)
  return {
    task: { ask: 'lint', packs: [folder] },
    fault: ([found]) => wrongLint(found!, ruleSet),
    counts: ([found]) => ({ found: found!.needless.length }),
  }
}

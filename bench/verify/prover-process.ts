import { diff, faultText, lint, parsePack, prover, type Pack } from '../../engine/index.ts'
import { packFolder, readPack } from '../../rules/index.ts'

/** What is asked of a process of the prover: of which packs, by name or folder. */
export type Task =
  | { readonly ask: 'prove'; readonly packs: readonly string[] }
  | { readonly ask: 'diff'; readonly packs: readonly [string, string] }
  | { readonly ask: 'lint'; readonly packs: readonly string[] }

const asks = {
  prove: (packs: readonly Pack[]) =>
    packs.map((pack) => {
      const { prove, effort } = prover(pack)
      const verdicts = pack.invariants.map(prove)
      return { verdicts, ...effort() }
    }),
  diff: ([from, to]: readonly Pack[]) => diff(from!, to!),
  lint: (packs: readonly Pack[]) => packs.map((pack) => lint(pack)),
}

export type Answer = {
  readonly [A in Task['ask']]: ReturnType<(typeof asks)[A]>
}

/** What the process found, and what it took from its very start; times in milliseconds. */
export type Sample<A extends Task['ask']> = {
  readonly found: Answer[A]
  /** On all cores, with the start of Node.js. */
  readonly cpuMs: number
  readonly wallMs: number
  /** From when everything was loaded on: reading, parsing and answering. */
  readonly ownCpuMs: number
  readonly ownWallMs: number
  readonly peakRssBytes: number
}

const { ask, packs } = JSON.parse(process.argv[2]!) as Task
const [startCpu, start] = [cpuMs(), performance.now()]
const found = asks[ask](packs.map(read))
const [endCpu, end] = [cpuMs(), performance.now()]
process.send!({
  found,
  cpuMs: endCpu,
  wallMs: end,
  ownCpuMs: endCpu - startCpu,
  ownWallMs: end - start,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
} satisfies Sample<Task['ask']>)

function read(nameOrFolder: string): Pack {
  const pack = parsePack(readPack(packFolder(nameOrFolder)!))
  if (pack.faults) throw new Error(pack.faults.map(faultText).join('\n'))
  return pack
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

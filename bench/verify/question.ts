import { faultText, moduleBeside, parsePack, type Pack } from '../../engine/index.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { firstMessage, startChild, stopChild } from '../child.ts'
import type { Watch } from '../runs/asking.ts'
import type { Found, Target } from '../service/target.ts'
import type { Answer, Sample, Task } from './prover-process.ts'

/** Asked of processes of the prover, one after another; a process may be measured in several ways. */
export type Question = {
  readonly targets: readonly Target[]
  /** Throws where an answer is wrong. */
  readonly measure: (plan: Plan) => Promise<ReadonlyMap<Target, Found>>
}

export type Plan = {
  /** An empty folder for the packs that are asked about. */
  readonly folder: string
  readonly seed: number
  readonly rounds: number
  readonly watch: Watch
}

export type Prepared<A extends Task['ask']> = {
  readonly task: Extract<Task, { readonly ask: A }>
  /** What is wrong with an answer. */
  readonly fault: (found: Answer[A]) => string | undefined
  /** How much was found, for reading. */
  readonly counts: (found: Answer[A]) => Readonly<Record<string, number>>
}

type Row<A extends Task['ask']> = Target & { readonly value: (sample: Sample<A>) => number }

export function question<A extends Task['ask']>(
  prepare: (folder: string, seed: number) => Prepared<A>,
  rows: readonly Row<A>[],
): Question {
  return { targets: rows, measure }

  async function measure({
    folder,
    seed,
    rounds,
    watch,
  }: Plan): Promise<ReadonlyMap<Target, Found>> {
    const [{ name }] = rows as readonly [Row<A>]
    watch.progress(`${name}: the packs are made`)
    const { task, fault, counts } = prepare(folder, seed)
    const samples: Sample<A>[] = []
    while (samples.length < rounds && !watch.signal.aborted) {
      watch.progress(`${name}: process ${samples.length + 1} of ${rounds}`)
      const sample = await ask<A>(task, watch.signal).catch((error: unknown) => {
        if (!watch.signal.aborted) throw error
      })
      if (sample === undefined) break
      const wrong = fault(sample.found)
      if (wrong !== undefined) throw new Error(`a wrong answer: ${wrong}`)
      samples.push(sample)
    }
    const figures = [
      ...shown.map(({ name, unit, value }) => ({ name, unit, rounds: samples.map(value) })),
      ...Object.entries(samples[0] === undefined ? {} : counts(samples[0].found)).map(
        ([name, value]) => ({ name, unit: '', rounds: [value] }),
      ),
    ]
    return new Map(rows.map((row) => [row, { rounds: samples.map(row.value), figures }]))
  }
}

const shown: readonly {
  readonly name: string
  readonly unit: string
  readonly value: (sample: Sample<Task['ask']>) => number
}[] = [
  { name: 'CPU', unit: 'ms', value: ({ cpuMs }) => cpuMs },
  { name: 'wall', unit: 'ms', value: ({ wallMs }) => wallMs },
  { name: 'CPU without start', unit: 'ms', value: ({ ownCpuMs }) => ownCpuMs },
  { name: 'wall without start', unit: 'ms', value: ({ ownWallMs }) => ownWallMs },
  { name: 'peak memory', unit: 'MB', value: ({ peakRssBytes }) => peakRssBytes / 1e6 },
]

async function ask<A extends Task['ask']>(task: Task, signal: AbortSignal): Promise<Sample<A>> {
  const child = startChild(moduleBeside(import.meta.url, 'prover-process'), [JSON.stringify(task)])
  try {
    return (await firstMessage(child, signal)) as Sample<A>
  } finally {
    await stopChild(child)
  }
}

/** Writes the files of a pack, and reads it again. */
export function written(folder: string, files: Readonly<Record<string, string>>): Pack {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return read(folder)
}

/** Of a pack by name or folder. */
export function read(nameOrFolder: string): Pack {
  const pack = parsePack(readPack(packFolder(nameOrFolder)!))
  if (pack.faults) throw new Error(pack.faults.map(faultText).join('\n'))
  return pack
}

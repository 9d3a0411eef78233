import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { smtLib, type Pack, type Verdict } from '../../engine/index.ts'
import { UsageError, type Io } from '../io.ts'
import { writeWhole } from '../write-whole.ts'

/** What was asked of each invariant of a pack, in SMT-LIB 2. */
export type Emit = (pack: Pack, verdicts: readonly Verdict[]) => void

/** A file an invariant, `FOLDER/PACK/INVARIANT.smt2`. */
export const intoFolder =
  (folder: string): Emit =>
  (pack, verdicts) => {
    const place = join(folder, pack.ruleSet.id)
    try {
      mkdirSync(place, { recursive: true })
      for (const verdict of verdicts)
        writeWhole(join(place, `${verdict.invariant.name}.smt2`), smtLib(pack, verdict))
    } catch (error) {
      const { code } = error as { readonly code?: string }
      if (code === undefined) throw error
      throw new UsageError(`--emit-smt2: can't write into ${place}: ${(error as Error).message}`)
    }
  }

/** All of them one after the other, each as if it were alone. */
export function printed(io: Io): Emit {
  let isFirst = true
  return (pack, verdicts) => {
    for (const verdict of verdicts) {
      io.out(`${isFirst ? '' : '\n(reset)\n'}${smtLib(pack, verdict)}`)
      isFirst = false
    }
  }
}

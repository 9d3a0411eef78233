import { readFileSync } from 'node:fs'
import { parsePack, type Fault, type ParsedPack } from '../../../engine/index.ts'
import { readDocument } from './document.ts'
import { packFile } from './folder-store.ts'
import { ruleSetsIn } from './held-state.ts'

/** What a state folder keeps, for whoever has decisions of that revision in hand; the service may be running meanwhile. */
export function revisionStore(state: string): {
  /** The pack of a revision, or why it can't be had. */
  readonly read: (revision: string) => ParsedPack
} {
  const folder = ruleSetsIn(state)
  return {
    read(revision) {
      const file = packFile(folder, revision)
      const fault = (expected: string, got: string): { readonly faults: readonly Fault[] } => ({
        faults: [{ pointer: '', expected, got, at: { file, line: 1, column: 1, length: 1 } }],
      })
      if (!/^sha256:[0-9a-f]{64}$/.test(revision)) return fault('a whole revision', revision)
      let bytes: Uint8Array
      try {
        bytes = readFileSync(file)
      } catch (error) {
        return fault(`the pack of ${revision}`, (error as Error).message)
      }
      const document = readDocument(bytes, revision)
      if ('damage' in document) return fault(`the pack of ${revision}`, document.damage)
      const pack = parsePack(document.source)
      if (!pack.faults && pack.ruleSet.revision !== revision)
        return fault(
          `the pack of ${revision}`,
          `${pack.ruleSet.revision}: this version of Portcullis decides its rules otherwise`,
        )
      return pack
    },
  }
}

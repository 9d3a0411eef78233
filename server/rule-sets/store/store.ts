import type { By } from '../activation.ts'
import type { PackDocument } from './document.ts'

/** A rule set came to decide. */
export type Entry = {
  /** ISO 8601. */
  readonly at: string
  readonly by: By
  /** The revision that decided before; nothing when the service started. */
  readonly from: string | null
  readonly to: string
  readonly id: string
}

/** The packs that have decided, and when. */
export type Store = {
  /** Oldest first. */
  readonly history: () => readonly Entry[]
  readonly isKept: (revision: string) => boolean
  /** The document of a kept revision, not looked at yet; rejects when it can't be had. */
  readonly read: (revision: string) => Promise<PackDocument>
  /** Keeps the pack of a revision. */
  readonly keep: (revision: string, document: PackDocument) => Promise<void>
  /** Adds to the history, and lets go of what is older than the last so many revisions in it. */
  readonly note: (entry: Entry) => Promise<void>
  readonly close: () => Promise<void>
}

/** How much of the history is remembered. */
export const longestHistory = 1_000

/** The last so many different revisions in a history, the latest first. */
export const lastRevisions = (history: readonly Entry[], most: number): readonly string[] => [
  ...new Set(history.toReversed().map(({ to }) => to)).values().take(most),
]

/** Forgets all when the service stops. */
export function memoryStore(most: number): Store {
  const documents = new Map<string, PackDocument>()
  let history: readonly Entry[] = []
  return {
    history: () => history,
    isKept: (revision) => documents.has(revision),
    async read(revision) {
      const document = documents.get(revision)
      if (document === undefined) throw new Error('it is not kept')
      return document
    },
    async keep(revision, document) {
      documents.set(revision, document)
    },
    async note(entry) {
      history = [...history, entry].slice(-longestHistory)
      const last = new Set(lastRevisions(history, most))
      for (const revision of documents.keys()) if (!last.has(revision)) documents.delete(revision)
    },
    close: () => Promise.resolve(),
  }
}

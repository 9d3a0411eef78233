import { resolve } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { unprovedFault } from '../../engine/index.ts'
import { packFolder, packFolders } from '../../rules/index.ts'
import type { Controlled, Json } from '../control.ts'
import type { Part } from '../parts.ts'
import type { Settings } from '../settings.ts'
import type { Activation, LastReload } from './activation.ts'
import { countAttempts } from './reload-families.ts'
import { making } from './making.ts'
import { gateOf } from './proving.ts'
import type { Watching } from './watching.ts'
import { ruleSets, type RuleSets, type RuleSetsOptions } from './rule-sets.ts'
import { folderStore } from './store/folder-store.ts'
import { holdState, type HeldState } from './store/held-state.ts'
import { memoryStore } from './store/store.ts'

/** How much of the history is shown. */
const mostShown = 100

export type Starting = Pick<RuleSetsOptions, 'first' | 'prepare' | 'log'> & {
  readonly settings: Settings
  /** The state folder, where it was taken before. */
  readonly held?: HeldState | undefined
  /** Told how each attempt to change what decides went. */
  readonly reloaded: (last: LastReload) => void
}

/** The rule sets of a service, what operators may do with them, and what it says of them and of itself. */
export async function startRuleSets({ settings, held, reloaded, ...given }: Starting): Promise<{
  readonly sets: RuleSets
  readonly part: Part
}> {
  const startedAt = Date.now()
  const { state, keepRevisions } = settings
  const store =
    state === undefined
      ? memoryStore(keepRevisions)
      : await folderStore(held ?? (await holdState(state)), keepRevisions)
  const maker = making()
  const attempts = countAttempts(startedAt)
  const sets = await ruleSets({
    ...given,
    ...(settings.bundle !== undefined && { firstIs: 'that of the bundle' }),
    folder: settings.pack,
    store,
    make: maker.make,
    gate: gateOf(settings),
    attempted(attempt) {
      attempts.note(attempt)
      reloaded(attempt.last)
    },
  })
  let watch: Promise<Watching | void> | undefined
  const watchFiles = async () =>
    (await import('./watching.ts')).watching({
      folders: () => packFolders(packFolder(settings.pack) ?? resolve(settings.pack)),
      changed: () => void sets.reload('watch'),
      log: given.log,
    })
  const startWatching = () =>
    watchFiles().catch((error: unknown) =>
      given.log(`warning: changes of files will not be seen: ${String(error)}`, { level: 'warn' }),
    )
  const part: Part = {
    commands: {
      reload: async () => told(await sets.reload('http')),
      rollback: async () => told(await sets.rollback('rollback')),
      async activate(args) {
        const { revision } = args as { readonly revision: string }
        return told(await sets.activate({ revision }, 'http'))
      },
      revisions: async () => ({ told: revisions(sets) }),
    },
    status: () => ({
      version: packageJson.version,
      startedAt: new Date(startedAt).toISOString(),
      uptimeSeconds: Math.round((Date.now() - startedAt) / 1_000),
      ruleSet: liveOf(sets),
      lastReload: sets.lastReload() ?? null,
    }),
    families: () => {
      const { id, revision } = sets.live().ruleSet
      return attempts.families(id, revision)
    },
    started() {
      sets.begin()
      if (settings.watch) watch = startWatching()
    },
    async stop() {
      await (await watch)?.close()
      const closed = sets.close() // first, so that it knows why nothing is made any more
      await maker.close()
      await closed
      await store.close()
    },
  }
  return { sets, part }
}

/** What became of a candidate, as whoever asked over HTTP is told. */
export function told(activation: Activation): Controlled {
  if (activation.activated) return { told: activation }
  const { problem, detail, faults = [], unproved = [] } = activation
  const all = [...unproved.map(unprovedFault), ...faults]
  return { problem, detail, ...(all.length > 0 && { faults: all }) }
}

function liveOf(sets: RuleSets): Json {
  const { id, title, revision, rules } = sets.live().ruleSet
  const { at, by } = sets.since()
  return { id, title, revision, rules: rules.length, since: at, by }
}

function revisions(sets: RuleSets): Json {
  const history = sets.history()
  const live = sets.live().ruleSet.revision
  return {
    revisions: sets.kept().map((revision) => {
      const { id, at, by } = history.findLast(({ to }) => to === revision)!
      return { revision, id, isLive: revision === live, lastActivatedAt: at, by }
    }),
    history: history.slice(-mostShown).toReversed(),
  }
}

import { KeyError, mostSignatures, readPublicKeys } from '../../bundle/index.ts'
import type { Log } from '../log.ts'
import { holdState } from '../rule-sets/store/held-state.ts'
import { flagOf, type Settings } from '../settings.ts'
import { startBundles, type Started } from './bundles.ts'
import { NoBundle } from './first.ts'
import { keepIn } from './keep.ts'
import { sourceOf } from './source-of.ts'

/**
 * The bundles that the settings say, if they say any, and the state folder that they are kept in. Rejects with a `NoBundle` or a
 * `StateUnusable` that says what is wrong.
 */
export async function openBundles(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  log: Log,
): Promise<Started | undefined> {
  const { bundle, bundleKey, bundlePack, bundlePoll, bundleTimeout, bundleToken } = settings
  if (bundle === undefined) return undefined
  const source = sourceOf(bundle, {
    environment,
    timeoutMs: bundleTimeout * 1_000,
    ...(bundleToken !== undefined && { token: bundleToken }),
  })
  if (typeof source === 'string') throw new NoBundle(`${flagOf('bundle')}: ${source}`)
  if (bundleKey.length > mostSignatures)
    throw new NoBundle(
      `${flagOf('bundleKey')}: expected at most ${mostSignatures} keys, got ${bundleKey.length}`,
    )
  const keys = keysOf(bundleKey)
  const held = settings.state === undefined ? undefined : await holdState(settings.state)
  try {
    const started = await startBundles({
      source,
      keys,
      keep: held && keepIn(held.state),
      pollMs: bundlePoll * 1_000,
      allowRollback: settings.allowRollback,
      pack: bundlePack || undefined,
      log,
    })
    return { ...started, ...(held && { held }) }
  } catch (error) {
    held?.give()
    throw error
  }
}

function keysOf(files: readonly string[]) {
  try {
    return readPublicKeys(files)
  } catch (error) {
    if (error instanceof KeyError) throw new NoBundle(`${flagOf('bundleKey')}: ${error.message}`)
    throw error
  }
}

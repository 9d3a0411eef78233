import { KeyError, mostSignatures, readPublicKeys } from '../../bundle/index.ts'
import type { Log } from '../log.ts'
import { gateOf } from '../rule-sets/proving.ts'
import { holdState } from '../rule-sets/store/held-state.ts'
import { flagOf, type Settings } from '../settings.ts'
import { startBundles, type Started } from './bundles.ts'
import { first, NoBundle, type First, type FirstOptions } from './first.ts'
import { keepIn } from './keep.ts'
import { isUrl, sourceOf } from './source-of.ts'
import { taking } from './taking.ts'

/**
 * The bundles that the settings say, if they say any, and the state folder that they are kept in. Rejects with a `NoBundle` or a
 * `StateUnusable` that says what is wrong.
 */
export async function openBundles(
  settings: Settings,
  environment: Environment,
  log: Log,
): Promise<Started | undefined> {
  const options = pullOptions(settings, environment)
  if (options === undefined) return undefined
  const held = settings.state === undefined ? undefined : await holdState(settings.state)
  try {
    const started = await startBundles({
      ...options,
      keep: held && keepIn(held.state),
      pollMs: settings.bundlePoll * 1_000,
      log,
    })
    return { ...started, ...(held && { held }) }
  } catch (error) {
    held?.give()
    throw error
  }
}

/**
 * What a service with these settings would start by, if that can be told without asking anybody: of a bundle that is a file. Takes and
 * keeps nothing. Rejects as `openBundles` does.
 */
export async function wouldStartBy(
  settings: Settings,
  environment: Environment,
): Promise<First | undefined> {
  const options = pullOptions(settings, environment)
  if (options === undefined || isUrl(settings.bundle ?? '')) return undefined
  const keep = settings.state === undefined ? undefined : keepIn(settings.state)
  const nothing = () => undefined
  const reading = taking(keep && { ...keep, keep: async () => nothing() }, nothing, Date.now)
  return first(options, reading, new AbortController().signal)
}

type Environment = Readonly<Record<string, string | undefined>>

/** What is pulled and by what it is judged, if the settings say bundles. Throws a `NoBundle`. */
function pullOptions(settings: Settings, environment: Environment): FirstOptions | undefined {
  const { bundle, bundleKey, bundlePack, bundleTimeout, bundleToken } = settings
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
  return {
    source,
    keys,
    gate: gateOf(settings),
    allowRollback: settings.allowRollback,
    pack: bundlePack || undefined,
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

import { authenticate, type Key, type Authentic } from '../../bundle/index.ts'
import { failed, judge, type Allowed, type Failed, type Taken } from './judge.ts'
import { SourceError, type Pulled, type Source } from './source.ts'

export type PullOptions = Allowed & {
  readonly source: Source
  /** Keys that are trusted. */
  readonly keys: readonly Key[]
}

/** A bundle that may be taken, or that is what was taken last. */
export type Fetched = {
  readonly bundle: Authentic
  readonly pulled: Pulled
  readonly isNew: boolean
}

/** What the source has, held to everything but the rules in it. */
export async function pull(
  options: PullOptions,
  { last, tag }: { readonly last: Taken | undefined; readonly tag: string | undefined },
  aborted: AbortSignal,
): Promise<Fetched | 'unchanged' | Failed> {
  let pulled: Pulled | 'unchanged'
  try {
    pulled = await options.source.pull(tag, aborted)
  } catch (error) {
    if (error instanceof SourceError) return failed(error.reason, error.message)
    throw error
  }
  if (pulled === 'unchanged') return pulled
  const bundle = authenticate(pulled.bytes, options.keys)
  if ('refused' in bundle) return failed(bundle.refused, bundle.detail)
  const judged = judge(bundle, last, options)
  return typeof judged === 'object' ? judged : { bundle, pulled, isNew: judged === 'new' }
}

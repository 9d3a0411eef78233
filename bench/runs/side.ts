import type { Target } from '../load/order.ts'
import type { StartedService } from '../load/service.ts'
import type { Workload } from '../load/workload.ts'
import { Misuse } from './misuse.ts'

export type Begun = {
  readonly target: Target
  /** What it is asked, with the answers that it must give. */
  readonly workload: Workload
  readonly stop: () => Promise<void>
}

/** One of two that are compared. */
export type Side = {
  readonly name: string
  /** Whether each pair has a process of its own. */
  readonly anew: boolean
  /** Starts it where it is ours to start. */
  readonly begin: (core?: number) => Promise<Begun>
}

/** A service that runs already, and goes on. */
export const runningSide = (
  url: string,
  workload: Workload,
  headers: Readonly<Record<string, string>> = {},
): Side => ({
  name: url,
  anew: false,
  begin: async () => ({
    target: { url, protocol: 'portcullis', headers },
    workload: await asRevisionOf(url, workload, headers),
    stop: () => Promise.resolve(),
  }),
})

/** A service of our own, started anew each time. */
export const startedSide = (
  name: string,
  workload: Workload,
  start: (core?: number) => Promise<StartedService>,
): Side => ({
  name,
  anew: true,
  async begin(core) {
    const { url, pid, stop } = await start(core)
    try {
      return {
        target: { url, protocol: 'portcullis', pid },
        workload: await asRevisionOf(url, workload),
        stop,
      }
    } catch (error) {
      await stop()
      throw error
    }
  },
})

const withinMs = 5_000

/**
 * Revisions are digests of rules and of what they mean, so another build may call the same rules by another revision. Its answers
 * still have to be the same. Rejects when the service decides by other rules.
 */
async function asRevisionOf(
  url: string,
  workload: Workload,
  headers: Record<string, string> = {},
): Promise<Workload> {
  const { id, revision } = await ruleSetOf(url, headers)
  const { ruleSet } = workload
  if (id !== ruleSet.id || typeof revision !== 'string')
    throw new Misuse(
      `${url}: expected a service that decides by ${ruleSet.id}, got ${JSON.stringify(id)}`,
    )
  return revision === ruleSet.revision ? workload : renamed(workload, revision)
}

/** Throws a `Misuse` for what is no Portcullis. */
async function ruleSetOf(url: string, headers: Record<string, string>) {
  try {
    const answer = await fetch(new URL('/v1/rule-set', url), {
      headers,
      signal: AbortSignal.timeout(withinMs),
    })
    if (answer.status === 401 || answer.status === 403)
      throw new Misuse(
        `${url}: expected to be let in with a token of the scopes decide and explain (metrics for its figures), got ${answer.status}; say --token-file FILE`,
      )
    return (await answer.json()) as { readonly id?: unknown; readonly revision?: unknown }
  } catch (error) {
    if (error instanceof Misuse) throw error
    const { cause } = error as Error
    const why = error instanceof SyntaxError ? 'another server' : String(cause ?? error)
    throw new Misuse(`expected Portcullis at ${url}, got ${why}`)
  }
}

function renamed(workload: Workload, revision: string): Workload {
  const { id, revision: own } = workload.ruleSet
  const [from, to] = [own, revision].map(
    (each) => `"ruleSet":${JSON.stringify({ id, revision: each })}`,
  )
  return {
    ...workload,
    ruleSet: { id, revision },
    questions: workload.questions.map((question) => ({
      ...question,
      expected: {
        [revision]: question.expected[own]!.map((each) =>
          each.outcome === 'refused' ? each : { ...each, json: each.json.replace(from!, to!) },
        ),
      },
    })),
  }
}

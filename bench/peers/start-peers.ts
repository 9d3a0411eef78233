import { protocols } from '../load/protocols.ts'
import type { Target } from '../load/order.ts'
import type { Workload } from '../load/workload.ts'
import { firstDifference } from './compare-answers.ts'
import type { PackFrom, Peer, StartOptions } from './peer.ts'
import { asFacts, peerQuestions } from './questions.ts'

/** A peer that runs and has answered as we do. */
export type Entrant = {
  readonly name: string
  readonly note?: string
  readonly target: Target
  readonly workload: Workload
  /** How many of its answers were compared. */
  readonly checked: number
  readonly stop: () => Promise<void>
}

/** Or why it does not take part. */
export type Started = Entrant | { readonly name: string; readonly cannot: string }

/**
 * Starts one after the other, and compares the answers of each on the pack's cases and crossings of them. One that can't be
 * started, or answers otherwise, does not take part. Who takes part has to be stopped.
 */
export async function startPeers(
  peers: readonly Peer[],
  source: PackFrom,
  seed: number,
  options: StartOptions,
): Promise<readonly Started[]> {
  const { signal, progress } = options
  const signIns = peerQuestions(source.pack, seed)
  const questions = { signIns, facts: asFacts(signIns, source.pack) }
  const started: Started[] = []
  for (const { name, note, protocol, asks, start } of peers) {
    const { workload, compared } = questions[asks]
    try {
      signal.throwIfAborted()
      progress(`${name} starts`)
      const { url, pid, stop } = await start(source, options)
      try {
        progress(`${name}: ${compared.length} answers are compared`)
        const exchanges = compared.map((question) => protocols[protocol].prepare(question))
        const wrong = await firstDifference(url, exchanges, signal)
        if (wrong)
          throw new Error(
            `decides otherwise: ${wrong.question}: expected ${wrong.expected}, got ${wrong.actual}; the sign-in ${wrong.signIn}`,
          )
        const target = { url, protocol, pid }
        started.push({
          name,
          ...(note !== undefined && { note }),
          target,
          workload,
          checked: compared.length,
          stop,
        })
      } catch (error) {
        await stop()
        throw error
      }
    } catch (error) {
      const cannot = signal.aborted ? 'interrupted before it was asked' : (error as Error).message
      started.push({ name, cannot })
    }
  }
  return started
}

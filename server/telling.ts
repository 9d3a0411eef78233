import type { AtOnce } from '../engine/index.ts'
import type { Metrics } from './metrics.ts'
import { withId } from './with-id.ts'

/** How a decision came about. */
export type Asked = {
  /** The sign-in as it was asked, JSON in UTF-8. Nobody changes these bytes. */
  readonly body: Uint8Array
  /** When it was asked, by which it was decided: milliseconds since 1970. */
  readonly now: number
  /** Milliseconds that answering it took, or its part of a batch. */
  readonly durationMs: number
  /** The `traceparent` header of its request (W3C Trace Context). */
  readonly trace?: string | undefined
}

/** A decision that is about to be told. */
export type Told = Asked &
  Pick<AtOnce, 'outcome'> & {
    /** The decision as it is told, JSON, with its id and time. */
    readonly text: string
  }

/** Somebody who takes note of decisions: the decision log, the shadow. Each listener has its own, and calls it for every decision. */
export type Observer = {
  /** Throws `Unavailable` when the decision may not be told without its note, and there can be none. Costs next to nothing. */
  readonly note: (told: Told) => void
  /** Resolves once all that was noted may be told; undefined when it may be at once. Rejects with `Unavailable` when it may not. */
  readonly noted: () => Promise<void> | undefined
  /** Its listener has stopped: sends on what is left, within half a second. */
  readonly close?: () => Promise<void>
}

/** The one way by which decisions leave the service. */
export type Telling = {
  /** The decision as it is told, counted and noted. `index` is its place in a batch. Throws `Unavailable` when it may not be told. */
  readonly tell: (answer: AtOnce, asked: Asked, index?: number) => string
  /** To be waited for, if there is something, before anything is sent that was told until now. */
  readonly noted: () => Promise<void> | undefined
}

export function telling(metrics: Metrics, observers: readonly Observer[] = []): Telling {
  const tell = (answer: AtOnce, asked: Asked, index?: number): string => {
    const text = withId(answer.json, asked.now)
    for (const { note } of observers) note({ ...asked, outcome: answer.outcome, text })
    metrics.decided(answer, asked.durationMs, index === undefined ? 'single' : 'batch')
    return index === undefined ? text : `{"index":${index},${text.slice(1)}`
  }
  const noted = (): Promise<void> | undefined => {
    const waits = observers.flatMap((observer) => observer.noted() ?? [])
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
  }
  return { tell, noted: observers.length === 0 ? nothing : noted }
}

const nothing = () => undefined

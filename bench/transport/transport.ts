import type { Answer } from '../../engine/index.ts'

/** How questions get to another thread and their answers back, in one message each way. */
export type Transport = {
  /** On the thread that asks. Bodies are views of larger buffers, which are not ours to give away. */
  readonly pack: (bodies: readonly Uint8Array[]) => Packed
  /** On the thread that decides: what `pack` made. */
  readonly open: (message: unknown) => readonly (string | Uint8Array)[]
  readonly close: (answers: readonly Answer[]) => Packed
  /** On the thread that asked: what `close` made. */
  readonly read: (reply: unknown) => readonly Answer[]
}

/** A message, and the buffers that are given away with it. */
export type Packed = { readonly message: unknown; readonly transfer?: ArrayBuffer[] }

/** What answers are turned into where they travel as one text. */
export type Joined = {
  /** A letter an answer: the first of its outcome, or `f` for faults. */
  readonly kinds: string
  readonly text: string
  readonly ends: readonly number[]
}

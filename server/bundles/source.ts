/** Where bundles come from. */
export type Source = {
  /** As the log may name it: nothing in it is secret. */
  readonly name: string
  /**
   * What there is now, unless that is what was there at `tag`. At most so many bytes, in a bounded time. Rejects with a
   * `SourceError`, and only with that, and soon when it is aborted.
   */
  readonly pull: (tag: string | undefined, aborted: AbortSignal) => Promise<Pulled | 'unchanged'>
}

export type Pulled = {
  readonly bytes: Buffer
  /** Of these bytes, where the source has one. */
  readonly tag?: string
}

export const sourceReasons = [
  'unreachable',
  'timeout',
  'answer',
  'too-large',
  'credentials',
] as const
export type SourceReason = (typeof sourceReasons)[number]

/** A source gave no bundle; the message has no secret in it. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly reason: SourceReason
  constructor(reason: SourceReason, message: string) {
    super(message)
    this.reason = reason
  }
}

export const tooLarge = (most: number): SourceError =>
  new SourceError('too-large', `expected at most ${most} bytes, got more`)

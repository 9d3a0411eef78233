/** What became of lines that were to be appended: how many bytes of them are, whole lines always; and what went wrong, if not all. */
export type Appended = { readonly taken: number; readonly error?: Error }

/** Where the lines of a decision log end up. Asked for one thing at a time. */
export type Sink = {
  /** Never rejects. What is not taken may be given again, and then stands there once all the same. */
  readonly append: (lines: Buffer) => Promise<Appended>
  /** Resolves once all that was taken is on the disk, where there is one. */
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What a sink has to say to the operator. */
export type Tell = (line: string) => void

export const errorOf = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error))

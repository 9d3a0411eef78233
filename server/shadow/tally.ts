const cells = ['taken', 'handled', 'lost', 'others', 'errors', 'unlogged'] as const
type Cell = (typeof cells)[number]

export const tallyMemory = (): SharedArrayBuffer =>
  new SharedArrayBuffer(cells.length * Float64Array.BYTES_PER_ELEMENT)

/**
 * What became of the notes, whatever they are compared with: those taken out of the rings, and of them handled; lost with a thread; of
 * other revisions than the one compared with; failed to compare; and lines that the log did not take. One thread at a time writes.
 */
export function tallyIn(memory: SharedArrayBuffer) {
  const values = new Float64Array(memory)
  return {
    add(cell: Cell, more = 1): void {
      values[cells.indexOf(cell)]! += more
    },
    set(cell: Cell, to: number): void {
      values[cells.indexOf(cell)] = to
    },
    get: (cell: Cell): number => values[cells.indexOf(cell)]!,
  }
}

export type Tally = ReturnType<typeof tallyIn>

/** First in, first out, without moving what is left at each step as an array's `shift` does. */
export type Fifo<T> = {
  readonly size: () => number
  readonly push: (item: T) => void
  readonly peek: () => T | undefined
  readonly shift: () => T | undefined
  readonly clear: () => void
}

const mostGone = 1_024

export function fifo<T>(): Fifo<T> {
  let items: T[] = []
  let gone = 0
  return {
    size: () => items.length - gone,
    push: (item) => void items.push(item),
    peek: () => items[gone],
    shift() {
      const item = items[gone]
      if (gone < items.length) gone++
      if (gone > mostGone && gone * 2 > items.length) {
        items = items.slice(gone)
        gone = 0
      }
      return item
    },
    clear() {
      items = []
      gone = 0
    },
  }
}

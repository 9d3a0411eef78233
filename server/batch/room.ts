/** Something of which there is only so much; who waits for it gets it in the order of asking. Nobody asks for more than there is. */
export type Room = {
  readonly size: number
  /** Takes it if it is there, and says whether it was. */
  readonly take: (amount: number) => boolean
  /** Takes it as soon as it is there. */
  readonly wait: (amount: number) => Promise<void>
  /** Gives back what was taken. */
  readonly give: (amount: number) => void
}

export function room(size: number): Room {
  let left = size
  const waiting: { readonly amount: number; readonly goOn: () => void }[] = []
  const take = (amount: number) => {
    if (waiting.length > 0 || left < amount) return false
    left -= amount
    return true
  }
  return {
    size,
    take,
    async wait(amount) {
      if (!take(amount)) await new Promise<void>((goOn) => waiting.push({ amount, goOn }))
    },
    give(amount) {
      left += amount
      for (let [next] = waiting; next !== undefined && left >= next.amount; [next] = waiting) {
        left -= next.amount
        waiting.shift()
        next.goOn()
      }
    },
  }
}

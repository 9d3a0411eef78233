/** Something of which there is only so much; who waits for it gets it in the order of asking. */
export type Room = {
  /** Takes it if it is there, and says whether it was. */
  readonly take: (amount: number) => boolean
  /** Takes it as soon as it is there. More than there is altogether is taken when all of it is there. */
  readonly wait: (amount: number) => Promise<void>
  /** Gives back what was taken. */
  readonly give: (amount: number) => void
}

export function room(size: number): Room {
  let left = size
  const waiting: { readonly amount: number; readonly goOn: () => void }[] = []
  const take = (amount: number) => {
    if (waiting.length > 0 || left < Math.min(amount, size)) return false
    left -= amount
    return true
  }
  return {
    take,
    async wait(amount) {
      if (!take(amount)) await new Promise<void>((goOn) => waiting.push({ amount, goOn }))
    },
    give(amount) {
      left += amount
      for (let [next] = waiting; next && left >= Math.min(next.amount, size); [next] = waiting) {
        left -= next.amount
        waiting.shift()
        next.goOn()
      }
    },
  }
}

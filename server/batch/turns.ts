/** Resolves in the next turn of the event loop, after what is due has had its turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

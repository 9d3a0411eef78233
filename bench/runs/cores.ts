import { availableParallelism } from 'node:os'

export type Cores = { readonly service: number; readonly generator: number }

/** A core for what is measured and another for what measures it; nothing where there is but one. */
export function apart(): Cores | undefined {
  const cores = availableParallelism()
  return cores < 2 ? undefined : { service: cores - 1, generator: 0 }
}

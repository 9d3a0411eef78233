import type { Pack } from '../engine/index.ts'
import type { Commands, Controlled, Json } from './control.ts'
import type { Families } from './exposition.ts'
import type { ObserverSetup } from './observers/observers.ts'

/** What a part tells of itself. */
export type LiveFamilies = Families

/** What the command `families` tells: those of all parts that can tell them, and how many parts can not. */
export type ToldFamilies = { readonly families: Families; readonly failing: number }

/** Something that belongs to the service as a whole and lives on the main thread; it may be left out. */
export type Part = {
  /** What its observers on the listeners are made of. */
  readonly observers?: ObserverSetup
  readonly commands?: Commands
  /** What it says of itself, by name. */
  readonly status?: () => Readonly<Record<string, Json>>
  readonly families?: () => Families
  /** The pack decides from now on, everywhere. */
  readonly live?: (pack: Pack) => void
  /** The service accepts. */
  readonly started?: () => void
  /** Nobody is left to be answered. Frees everything, in a bounded time. */
  readonly stop?: () => Promise<void>
}

/** All parts as one, in their order; the last is stopped first. A part that fails to stop leaves the others no worse. */
export function together(parts: readonly Part[], failed: (error: unknown) => void) {
  const status = (): { readonly [part: string]: Json } =>
    Object.assign({}, ...parts.map((part) => part.status?.())) as Record<string, Json>
  let lastProblem = ''
  /** A part that fails to tell them is left out; the log says so when that begins or changes, not each time. */
  function families(): ToldFamilies {
    const problems: string[] = []
    const told = parts.map((part) => {
      try {
        return part.families?.()
      } catch (error) {
        problems.push(String(error))
        return undefined
      }
    })
    const problem = problems.join('; ')
    if (problem !== '' && problem !== lastProblem)
      failed(new Error(`some metrics are left out: ${problem}`))
    lastProblem = problem
    return { families: Object.assign({}, ...told) as Families, failing: problems.length }
  }
  const own: Commands = {
    status: async (): Promise<Controlled> => ({ told: status() }),
    families: async (): Promise<Controlled> => ({ told: families() as unknown as Json }),
  }
  return {
    observers: Object.assign({}, ...parts.map((part) => part.observers)) as ObserverSetup,
    commands: Object.assign(own, ...parts.map((part) => part.commands)) as Commands,
    live(pack: Pack) {
      for (const part of parts) part.live?.(pack)
    },
    started() {
      for (const part of parts) part.started?.()
    },
    async stop() {
      for (const part of parts.toReversed()) await part.stop?.().catch(failed)
    },
  }
}

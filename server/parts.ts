import type { Pack } from '../engine/index.ts'
import type { Commands, Controlled, Json } from './control.ts'
import type { Family, Sample } from './exposition.ts'
import type { ObserverSetup } from './observers/observers.ts'

/** Families as they are now, in plain data, so that any listener can show what only the main thread knows. */
export type LiveFamilies = Readonly<
  Record<string, Pick<Family, 'type' | 'help'> & { readonly samples: readonly Sample[] }>
>

/** Something that belongs to the service as a whole and lives on the main thread; it may be left out. */
export type Part = {
  /** What its observers on the listeners are made of. */
  readonly observers?: ObserverSetup
  readonly commands?: Commands
  /** What it says of itself, by name. */
  readonly status?: () => Readonly<Record<string, Json>>
  readonly families?: () => LiveFamilies
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
  const families = (): LiveFamilies =>
    Object.assign({}, ...parts.map((part) => part.families?.())) as LiveFamilies
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

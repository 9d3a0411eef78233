import type { Fault } from '../engine/index.ts'
import type { ProblemName } from './problems.ts'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [member: string]: Json | undefined }

/** What became of a command: what it tells, or which problem it is. Plain data. */
export type Controlled =
  | { readonly told: Json }
  | { readonly problem: ProblemName; readonly detail: string; readonly faults?: readonly Fault[] }

/** Does a command of an operator to the service as a whole. Never rejects. Listeners may be asked, the main thread does it. */
export type Control = (name: CommandName, args?: Json) => Promise<Controlled>

/** Each says what it takes. */
export const commandNames = ['status'] as const
export type CommandName = (typeof commandNames)[number]
export type Commands = Readonly<Record<CommandName, (args: Json) => Promise<Controlled>>>

/** `failed` is told of a bug; whoever asked learns that there was one. */
export const controlling =
  (commands: Commands, failed: (error: unknown) => void): Control =>
  async (name, args = null) => {
    try {
      return await commands[name](args)
    } catch (error) {
      failed(error)
      return { problem: 'internal', detail: 'see the log of the service' }
    }
  }

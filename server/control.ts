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

/** `status` and `families` are what all parts of the service say of themselves; the others are a part's, and not had without it. */
const commandNames = [
  'status',
  'families',
  'reload',
  'activate',
  'rollback',
  'revisions',
  'shadow',
  'promote',
] as const
export type CommandName = (typeof commandNames)[number]
export type Commands = Readonly<Partial<Record<CommandName, (args: Json) => Promise<Controlled>>>>

/** `failed` is told of a bug; whoever asked learns that there was one. */
export const controlling =
  (commands: Commands, failed: (error: unknown) => void): Control =>
  async (name, args = null) => {
    const command = commands[name]
    if (command === undefined)
      return { problem: 'not-found', detail: `this service has no ${name}` }
    try {
      return await command(args)
    } catch (error) {
      failed(error)
      return { problem: 'internal', detail: 'see the log of the service' }
    }
  }

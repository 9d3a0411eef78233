import type { MessagePort } from 'node:worker_threads'
import type { Answer, Pack } from '../../engine/index.ts'
import type { AccessSetup } from '../access/access.ts'
import type { CommandName, Controlled, Json } from '../control.ts'
import type { LogFields } from '../log.ts'
import type { ObserverSetup } from '../observers/observers.ts'
import type { LastReload } from '../rule-sets/activation.ts'
import type { Settings } from '../settings.ts'

/** What a listener thread is started with; crosses as plain data, but for the memory that is shared. */
export type Start = {
  readonly settings: Settings
  readonly pack: Pack
  readonly counters: SharedArrayBuffer
  readonly access: AccessSetup
  readonly observers: ObserverSetup
  /** Its row of the counters. */
  readonly listener: number
  /** The port of the service, which it shares. */
  readonly port: number
  readonly lastReload: LastReload | undefined
  readonly main: MessagePort
}

/** From the main thread to a listener thread. */
export type Order =
  | { readonly kind: 'ping' }
  /** The first half of a swap, and the second: of what was made ready last, or at once of a pack that was not. */
  | { readonly kind: 'prepare'; readonly pack: Pack }
  | { readonly kind: 'commit'; readonly pack?: Pack }
  | { readonly kind: 'reloaded'; readonly lastReload: LastReload }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] }
  | { readonly kind: 'controlled'; readonly id: number; readonly controlled: Controlled }
  /** Every answer from now on is the last of its connection. */
  | { readonly kind: 'retire' }
  /** Ends the listener once all is answered, or after so many milliseconds. */
  | { readonly kind: 'stop'; readonly withinMs: number }

/** From a listener thread to the main thread. Orders to prepare and to commit are acknowledged in order. */
export type Report =
  | { readonly kind: 'listening' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'done'; readonly error?: string }
  | { readonly kind: 'log'; readonly line: string; readonly fields?: LogFields }
  | { readonly kind: 'questions'; readonly questions: Questions }
  | {
      readonly kind: 'command'
      readonly id: number
      readonly name: CommandName
      readonly args: Json
    }

/** Questions of one turn of the event loop: an id, a time and a number of sign-ins each; all sign-ins lie one after the other in `bytes`. */
export type Questions = {
  readonly ids: readonly number[]
  readonly nows: readonly number[]
  readonly counts: readonly number[]
  readonly lengths: readonly number[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What became of a question: answers, or why there are none, which is overload (`unavailable`) or a bug. */
export type Reply = { readonly id: number } & (
  | { readonly answers: readonly Answer[] }
  | { readonly unavailable: string }
  | { readonly bug: string }
)

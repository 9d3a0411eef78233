import type { Pack } from '../../engine/index.ts'
import type { ProtocolName } from '../load/order.ts'

/** A decision point that can be started here and decides by the rules of any pack. */
export type Peer = {
  readonly name: string
  /** In what it does less or other than ours; readers of the figures have to know it. */
  readonly note?: string
  readonly protocol: ProtocolName
  /** What it is asked by, of `PeerQuestions`. */
  readonly asks: 'signIns' | 'facts'
  /** Throws an Error that says why it can't take part, and what would help. */
  readonly start: (source: PackFrom, options: StartOptions) => Promise<RunningPeer>
}

/** A pack, and where it came from: the name of a built-in one, or the path of a folder. */
export type PackFrom = { readonly pack: Pack; readonly from: string }

export type StartOptions = {
  /** The core that it may run on, where the system can pin processes. */
  readonly core?: number
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

/** In a process of its own on 127.0.0.1. */
export type RunningPeer = {
  readonly url: string
  readonly pid: number
  readonly stop: () => Promise<void>
}

import type { Loop } from './result.ts'
import type { Workload } from './workload.ts'

/** How a decision point wants to be asked, and answers. */
export const protocolNames = ['portcullis', 'authzen', 'cerbos', 'echo'] as const
export type ProtocolName = (typeof protocolNames)[number]

/** A decision point that is asked. */
export type Target = {
  readonly url: string
  readonly protocol: ProtocolName
  /** Its process, when it is one of ours to look at. */
  readonly pid?: number
  /** Sent with each request, in lower case: what it wants to see of its callers. No report holds them. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One run of the load generator; plain data. */
export type LoadOrder = {
  readonly target: Target
  readonly workload: Workload
  readonly loop: Loop
  /** Closed loop: how long to ask. Open loop: the stages say it. */
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Open loop: so many seconds at the end of the plan count by the second and for wrong answers alone. */
  readonly tailSeconds?: number
  readonly timeoutMs: number
  readonly mostConnections: number
  /** The run ends when so many were sent. */
  readonly mostRequests: number
  /** Closed loop: over the open loop's own connections instead of autocannon's, which cost several times as much. */
  readonly light?: boolean
  /** The core that the generator is to run on, where the system can pin processes. */
  readonly core?: number
}

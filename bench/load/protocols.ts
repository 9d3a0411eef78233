import type { ProtocolName } from './order.ts'
import { portcullis } from './portcullis.ts'
import type { Protocol } from './protocol.ts'

/** Missing: a kind of decision point that can't be asked yet. */
export const protocols: Readonly<Partial<Record<ProtocolName, Protocol>>> = {
  portcullis,
}

import { authzen } from './authzen.ts'
import { cerbos } from './cerbos.ts'
import { echo } from './echo.ts'
import type { ProtocolName } from './order.ts'
import { portcullis } from './portcullis.ts'
import type { Protocol } from './protocol.ts'

/** An entry for each kind of decision point. */
export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  portcullis,
  authzen,
  cerbos,
  echo,
}

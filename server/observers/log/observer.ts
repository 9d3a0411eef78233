import { afterSignIn, entryEnd, entryStart, Unavailable } from '../../../engine/index.ts'
import { countersIn, place } from '../../counters.ts'
import type { Observer } from '../../telling.ts'
import { parentOf } from '../trace-context.ts'
import { masking } from './mask.ts'
import { bell, ring } from './ring.ts'
import { waitingFor } from './waiting.ts'

/** What the observers of the decision log are made of; reaches every thread. */
export type DecisionLogSetup = {
  /** One for each listener, of which it alone writes into its own. */
  readonly rings: readonly SharedArrayBuffer[]
  readonly bell: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
  /** Bytes that may wait in each ring. */
  readonly mostWaiting: number
  readonly onFull: 'drop' | 'block' | 'deny'
  /** Whether an answer waits until its entry is on the disk. */
  readonly answersWait: boolean
  /** Milliseconds that it may wait. */
  readonly waitMs: number
  readonly mask: readonly string[]
}

const [newline, carriageReturn, space] = [0x0a, 0x0d, 0x20]
/** A byte order mark is no part of JSON, but allowed before it; in UTF-8 nothing else begins with its first byte there. */
const [markStart, markBytes] = [0xef, 3]

/** Puts an entry for each decision of one listener into its ring. */
export function decisionLog(setup: DecisionLogSetup, listener: number): Observer {
  const { mostWaiting, onFull, answersWait, waitMs } = setup
  const lines = ring(setup.rings[listener]!)
  const writer = bell(setup.bell)
  const mask = setup.mask.length > 0 ? masking(setup.mask) : undefined
  const row = countersIn(setup.counters).rows[listener]!
  const [dropped, denied, late] = [place('log dropped'), place('log denied'), place('log late')]
  // Who has to wait for room anyway may as well put its entry down: those that are not waited for any more are written all the same.
  const most = onFull === 'block' ? 2 * mostWaiting : mostWaiting
  const wait = waitingFor(
    lines,
    answersWait ? lines.synced : lines.tail,
    waitMs,
    () => row[late]!++,
  )

  const refuse = (): void => {
    if (onFull === 'drop') return void row[dropped]!++
    row[denied]!++
    throw new Unavailable('the decision log can not take an entry; see /metrics of the service')
  }

  return {
    note(told) {
      if (answersWait && onFull === 'deny' && writer.isFailing()) return refuse()
      let { body, text } = told
      let masked: readonly string[] = []
      if (mask) ({ body, decision: text, masked } = mask(body, text))
      const from = body[0] === markStart ? markBytes : 0
      const end = entryEnd(told.durationMs, parentOf(told.trace)?.traceId, masked)
      const bodyAt = entryStart.length
      const decisionAt = bodyAt + body.length - from + afterSignIn.length
      const endAt = decisionAt + Buffer.byteLength(text)
      const at = lines.reserve(endAt + end.length, most)
      if (at < 0) return refuse()

      const { bytes } = lines
      bytes.write(entryStart, at, 'latin1')
      bytes.set(from === 0 ? body : body.subarray(from), at + bodyAt)
      if (body.includes(newline) || body.includes(carriageReturn))
        onOneLine(bytes.subarray(at + bodyAt, at + decisionAt))
      bytes.write(afterSignIn, at + decisionAt - afterSignIn.length, 'latin1')
      bytes.write(text, at + decisionAt, 'utf8')
      bytes.write(end, at + endAt, 'latin1')
      lines.publish()
      writer.ring()
    },
    noted() {
      if (answersWait) return wait(lines.head())
      if (onFull !== 'block' || lines.waiting() <= mostWaiting) return undefined
      return wait((lines.head() - mostWaiting) | 0)
    },
  }
}

/** In JSON these bytes stand between tokens only, where a space says the same. */
function onOneLine(json: Uint8Array): void {
  for (let at = 0; at < json.length; at++)
    if (json[at] === newline || json[at] === carriageReturn) json[at] = space
}

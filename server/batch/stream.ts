import { Unavailable, type Answer } from '../../engine/index.ts'
import type { ProblemName } from '../problems.ts'
import type { Services } from '../services.ts'
import { byteWriter } from './byte-writer.ts'
import { printItem, printItemProblem } from './item.ts'
import { linesOf, type Line } from './lines.ts'
import type { Room } from './room.ts'
import type { Sink } from './sink.ts'

/** Lines that are decided together, where there is room for so many. */
const mostLines = 512
/** Groups of them that are under way in one stream: enough that reading, deciding and answering go on at once. */
const mostUnderWay = 4

type Undecided = { readonly problem: ProblemName; readonly detail: string }

/**
 * Answers the lines of a stream, as they come: a line out for every line in that is not empty. No more is read while the answers are
 * not, or while the streams together have as many lines `undecided` as they may.
 */
export async function pourLines(
  body: AsyncIterable<Uint8Array>,
  sink: Sink,
  trace: string | undefined,
  { settings: { bodyLimit }, decider, clock, telling, metrics, log }: Services,
  undecided: Room,
): Promise<Uint8Array> {
  const writer = byteWriter()
  const underWay: Promise<void>[] = []
  let last = Promise.resolve()
  let count = 0
  sink.begin()

  const most = Math.min(mostLines, undecided.size)
  try {
    for await (const { lines, tooLongAt } of linesOf(body, bodyLimit, most)) {
      count += lines.length
      await undecided.wait(lines.length)
      if (sink.gone()) {
        undecided.give(lines.length)
        break
      }
      const now = clock()
      const start = performance.now()
      const decided = decide(lines, now).finally(() => undecided.give(lines.length))
      last = answer(lines, decided, now, start, last)
      last.catch(() => undefined) // it is looked at below, or the stream has failed already
      underWay.push(last)
      if (underWay.length === mostUnderWay) await underWay.shift()
      if (tooLongAt === undefined) continue
      await last
      const detail = `expected lines of at most ${bodyLimit} bytes; nothing after this was read`
      writer.write(`${printItemProblem('too-large', detail, tooLongAt)}\n`)
      return writer.rest()
    }
    await last
    return writer.rest()
  } finally {
    metrics.batch('stream', count)
  }

  /** A line that can't be decided says so in its place. */
  async function decide(
    lines: readonly Line[],
    now: number,
  ): Promise<readonly Answer[] | Undecided> {
    try {
      const bodies = lines.map(({ bytes }) => bytes)
      return await decider.decide(bodies, now)
    } catch (error) {
      if (error instanceof Unavailable) return { problem: 'unavailable', detail: error.message }
      log(`internal error: ${String(error)}`)
      return { problem: 'internal', detail: 'see the log of the service' }
    }
  }

  /** Writes the answers to some lines, after those that came `before`. */
  async function answer(
    lines: readonly Line[],
    decided: Promise<readonly Answer[] | Undecided>,
    now: number,
    start: number,
    before: Promise<void>,
  ): Promise<void> {
    const answers = await decided
    const durationMs = (performance.now() - start) / lines.length
    await before
    if (sink.gone()) return
    for (const [at, { index, bytes }] of lines.entries()) {
      writer.write(
        'problem' in answers
          ? printItemProblem(answers.problem, answers.detail, index)
          : printItem(answers[at]!, { body: bytes, now, durationMs, trace }, index, telling),
      )
      writer.write('\n')
    }
    await telling.noted()
    for (const piece of [...writer.full(), writer.rest()]) await sink.write(piece)
  }
}

import { faultText, isNotJson, type Answer, type Fault } from '../../engine/index.ts'
import { problem } from '../problems.ts'
import type { Services } from '../services.ts'
import type { Asked } from '../telling.ts'
import { byteWriter } from './byte-writer.ts'
import { printItem } from './item.ts'
import { likelyMembersOf, membersOf } from './members.ts'
import type { Sink } from './sink.ts'
import { nextTurn } from './turns.ts'

/** Answers that are printed in one turn of the event loop. */
const answersATurn = 256

/** The answers to a JSON array of sign-ins, and how they came about. */
export type DecidedArray = {
  readonly members: readonly Uint8Array[]
  readonly answers: readonly Answer[]
  readonly asked: Omit<Asked, 'body'>
}

/** Decides an array: all or nothing as to being JSON and to availability, one by one as to what is wrong with a sign-in. */
export async function decideArray(
  body: Uint8Array,
  trace: string | undefined,
  { settings: { batchLimit, bodyLimit }, decider, clock }: Services,
): Promise<DecidedArray | Response> {
  const now = clock()
  const start = performance.now()
  const tooLargeAmong = (members: readonly Uint8Array[]) =>
    members.findIndex(({ length }) => length > bodyLimit)
  const likely = likelyMembersOf(body, batchLimit)
  if (likely && tooLargeAmong(likely) < 0) {
    const answers = await decider.decide(likely, now)
    if (notJsonAmong(answers) < 0) return decided(likely, answers) // so these are the members
  }

  const array = await membersOf(body, batchLimit)
  if (array === undefined) {
    const name = startsArray(body) ? 'invalid-json' : 'invalid-sign-in'
    const [expected, got] = ['a JSON array of sign-ins', 'something else']
    return problem(name, `expected ${expected}`, { faults: [{ pointer: '', expected, got }] })
  }
  const { count, members } = array
  if (count > batchLimit)
    return problem(
      'too-large',
      `expected at most ${batchLimit} sign-ins, got ${count}; send them in parts, or as NDJSON`,
    )
  const large = tooLargeAmong(members)
  if (large >= 0)
    return problem('too-large', `member ${large}: expected at most ${bodyLimit} bytes`)
  const answers = await decider.decide(members, now)
  const broken = notJsonAmong(answers)
  if (broken < 0) return decided(members, answers)
  const { faults } = answers[broken] as { faults: readonly [Fault] }
  return problem('invalid-json', `member ${broken}: ${faultText(faults[0])}`)

  function decided(members: readonly Uint8Array[], answers: readonly Answer[]): DecidedArray {
    const durationMs = (performance.now() - start) / members.length
    return { members, answers, asked: { now, durationMs, trace } }
  }
}

/** Writes the answers as a JSON array. */
export async function pourArray(
  { members, answers, asked }: DecidedArray,
  sink: Sink,
  { telling, metrics }: Services,
): Promise<Uint8Array> {
  metrics.batch('array', members.length)
  const writer = byteWriter()
  writer.write('[')
  for (let index = 0; index < answers.length && !sink.gone(); index++) {
    if (index > 0) writer.write(',')
    writer.write(printItem(answers[index]!, { ...asked, body: members[index]! }, index, telling))
    if ((index + 1) % answersATurn > 0) continue
    await telling.noted()
    for (const piece of writer.full()) await sink.write(piece)
    await nextTurn()
  }
  writer.write(']')
  await telling.noted()
  for (const piece of writer.full()) await sink.write(piece)
  return writer.rest()
}

const notJsonAmong = (answers: readonly Answer[]): number =>
  answers.findIndex((answer) => 'faults' in answer && isNotJson(answer.faults))

const startsArray = (body: Uint8Array): boolean =>
  Buffer.from(body.buffer, body.byteOffset, body.length)
    .toString('latin1', 0, 100)
    .trimStart()
    .startsWith('[')

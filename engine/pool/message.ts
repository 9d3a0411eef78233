import type { Answer } from '../answer.ts'
import { outcomes } from '../decision.ts'
import type { Fault } from '../fault.ts'
import type { RuleSet } from '../rule-set.ts'

/**
 * Questions for a thread. Bodies travel as one array of bytes and answers as one text, which cost the two threads least
 * (`bench/transport/`): each object more is written down by one and made anew by the other.
 */
export type Message = {
  /** Which of the rule sets that the thread keeps decides, and that one itself if it has to be loaded first. */
  readonly slot: Slot
  readonly ruleSet?: RuleSet
  readonly revision: string
  readonly bytes: Uint8Array
  readonly lengths: readonly number[]
  /** The time at which each was asked. */
  readonly nows: readonly number[]
}

/** A thread keeps two: what decides, and what did before or will next. */
export type Slot = 0 | 1

export type Reply = {
  /** A character an answer: the place of its outcome among all, or what else it is. */
  readonly kinds: string
  readonly text: string
  /** Where in the text each ends. */
  readonly ends: readonly number[]
  /** Microseconds that deciding took. */
  readonly us: number
}

/** An answer, or why there is none. */
export type Replied = Answer | Error

/** Bodies are views of larger buffers, all of which would travel with them. */
export function joined(bodies: readonly Uint8Array[]): Pick<Message, 'bytes' | 'lengths'> {
  let length = 0
  for (const body of bodies) length += body.length
  const bytes = new Uint8Array(length)
  let at = 0
  const lengths = bodies.map((body) => {
    bytes.set(body, at)
    at += body.length
    return body.length
  })
  return { bytes, lengths }
}

export function parted({ bytes, lengths }: Message): readonly Uint8Array[] {
  let at = 0
  return lengths.map((length) => bytes.subarray(at, (at += length)))
}

export function replyOf(answers: readonly Replied[]): Omit<Reply, 'us'> {
  let [kinds, text] = ['', '']
  const ends: number[] = []
  for (const answer of answers) {
    if (answer instanceof Error) {
      kinds += 'e'
      text += String(answer)
    } else if ('faults' in answer) {
      kinds += 'f'
      text += JSON.stringify(answer.faults)
    } else {
      kinds += outcomes.indexOf(answer.outcome)
      text += answer.json
    }
    ends.push(text.length)
  }
  return { kinds, text, ends }
}

export function answersOf({ kinds, text, ends }: Reply): readonly Replied[] {
  let from = 0
  return ends.map((end, index) => {
    const json = text.slice(from, end)
    from = end
    const outcome = outcomes[Number(kinds[index])]
    if (outcome !== undefined) return { outcome, json }
    return kinds[index] === 'f'
      ? { faults: JSON.parse(json) as [Fault, ...Fault[]] }
      : new Error(json)
  })
}

import { answer, type Loaded } from '../answer.ts'
import { Unavailable } from '../decider.ts'
import type { Job, Share } from './job.ts'
import type { Replied } from './message.ts'

type Leave = (job: Job, error: Unavailable) => void

/** Gives the answers of a message to those who asked. A job whose parts have all been answered is. */
export function deliver(shares: readonly Share[], answers: readonly Replied[], leave: Leave): void {
  let at = 0
  for (const { job, from, to } of shares)
    for (let index = from; index < to; index++) settle(job, index, answers[at++]!, leave)
}

function settle(job: Job, index: number, answered: Replied, leave: Leave): void {
  if (job.done) return
  if (answered instanceof Error)
    return leave(job, new Unavailable('no decision could be made', { cause: answered }))
  job.answers[index] = answered
  if (++job.answered < job.bodies.length) return
  job.done = true
  job.resolve(job.answers)
}

/** Answers a question, or says why that can't be done. */
export function replied(loaded: Loaded, body: Uint8Array, now: number): Replied {
  try {
    return answer(loaded, body, now)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

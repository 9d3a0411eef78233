import type { Job, Share } from './job.ts'

/** Bytes of a message, but for its last body. */
const mostBytes = 131_072

/** A message that is being put together: its shares, and how many bodies and bytes they have. */
export type Filling = { readonly shares: Share[]; bodies: number; bytes: number }

/**
 * Fills a message up to so many bodies from a lane, where each job has its turn: what it takes is the job's fair part of the room,
 * and a job that is not through goes to the end. What another rule set decides is passed over.
 */
export function takeTurns(
  lane: Set<Job>,
  most: number,
  message: Filling = { shares: [], bodies: 0, bytes: 0 },
): Filling {
  let turns = lane.size
  for (const job of lane) {
    if (turns === 0 || message.bodies >= most || message.bytes >= mostBytes) break
    const fair = Math.max(1, Math.ceil((most - message.bodies) / turns--))
    if (job.ruleSet !== (message.shares[0]?.job ?? job).ruleSet) continue
    const from = job.sent
    const to = Math.min(from + fair, job.bodies.length)
    while (job.sent < to && message.bytes < mostBytes)
      message.bytes += job.bodies[job.sent++]!.length
    message.bodies += job.sent - from
    message.shares.push({ job, from, to: job.sent })
    lane.delete(job)
    if (job.sent < job.bodies.length) lane.add(job)
  }
  return message
}

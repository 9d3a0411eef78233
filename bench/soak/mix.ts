import type { Question, Workload } from '../load/workload.ts'

/** Shares of the requests; all others are single sign-ins. */
export type Mix = {
  readonly batches: number
  readonly malformed: number
}

const requests = 8_000

/**
 * Puts questions together so that so many of the requests are batches and so many are malformed, evenly spread over the order. A
 * share of 1% is one request in a hundred, whatever else is asked.
 */
export function mixed(
  { singles, batches, malformed }: Readonly<Record<'singles' | 'batches' | 'malformed', Workload>>,
  mix: Mix,
): Workload {
  const questions: Question[] = []
  const places = [singles, batches, malformed].map((workload) => {
    const offset = questions.length
    questions.push(...workload.questions)
    return workload.order.map((place) => offset + place)
  })
  const turns = [0, 0, 0]
  const shares = [1 - mix.batches - mix.malformed, mix.batches, mix.malformed]
  const order = Array.from({ length: requests }, (_, at) => {
    // whose turns are furthest behind their share
    const behind = shares.map((share, kind) => share * (at + 1) - turns[kind]!)
    const kind = behind.indexOf(Math.max(...behind))
    const own = places[kind]!
    return own[turns[kind]!++ % own.length]!
  })
  return {
    ...singles,
    name: 'soak',
    description: 'single sign-ins, batches, and malformed requests',
    questions,
    order,
  }
}

import { outcomes, type Answer } from '../../engine/index.ts'
import type { Joined } from './transport.ts'

/** Objects cost a thread much to write down and read again; one text costs little. */
export function joined(answers: readonly Answer[]): Joined {
  let [kinds, text] = ['', '']
  const ends: number[] = []
  for (const answer of answers) {
    kinds += 'json' in answer ? answer.outcome[0]! : 'f'
    text += 'json' in answer ? answer.json : JSON.stringify(answer.faults)
    ends.push(text.length)
  }
  return { kinds, text, ends }
}

export function parted({ kinds, text, ends }: Joined): readonly Answer[] {
  let from = 0
  return ends.map((end, index) => {
    const json = text.slice(from, end)
    from = end
    const outcome = byLetter[kinds[index]!]
    return outcome ? { outcome, json } : { faults: JSON.parse(json) }
  })
}

const byLetter = Object.fromEntries(outcomes.map((outcome) => [outcome[0], outcome]))

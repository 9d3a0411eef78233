import type { Pack } from '../../engine/index.ts'
import type { Question, Workload } from '../load/workload.ts'
import { peerQuestions } from '../peers/questions.ts'

/** The cases of the pack one by one: of the shipped pack some 700 bytes each. */
export const casesOf = (pack: Pack, seed: number): Workload => peerQuestions(pack, seed).workload

const [batches, size] = [4, 1_000]

/** The same sign-ins in batches of a thousand. */
export function batchesOf(single: Workload): Workload {
  const { revision } = single.ruleSet
  const at = (place: number) => single.questions[single.order[place % single.order.length]!]!
  const questions = Array.from({ length: batches }, (_, batch): Question => {
    const own = Array.from({ length: size }, (__, index) => at(batch * size + index))
    return {
      name: `batch #${batch + 1} of ${size} sign-ins`,
      form: 'batch',
      signIns: own.map(({ signIns }) => signIns[0]!),
      expected: { [revision]: own.map(({ expected }) => expected[revision]![0]!) },
    }
  })
  return {
    ...single,
    name: `${single.name}, ${size} a batch`,
    questions,
    order: questions.map((_, index) => index),
  }
}

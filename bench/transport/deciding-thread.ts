import { parentPort, workerData } from 'node:worker_threads'
import { answer, load, type RuleSet } from '../../engine/index.ts'
import { contenders, type Contender } from './contenders.ts'

const { ruleSet, contender } = workerData as { ruleSet: RuleSet; contender: Contender }
const loaded = load(ruleSet)
const { open, close } = contenders[contender]

parentPort!.on('message', (message: unknown) => {
  const { message: reply, transfer = [] } = close(
    open(message).map((body) => answer(loaded, body, 0)),
  )
  parentPort!.postMessage(reply, transfer)
})

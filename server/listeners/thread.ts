import type { Pack } from '../../engine/index.ts'
import { countersIn } from '../counters.ts'
import { startListener } from './listener.ts'
import type { Log } from '../log.ts'
import type { Order, Report, Start } from './messages.ts'
import { remoteControl } from './remote-control.ts'
import { remote } from './remote.ts'
import { poolState } from './pool-state.ts'

/** A listener on a thread of its own: a task that lasts until it is told to stop, and results in how many requests were cut off. */
export default async function listen(start: Start): Promise<number> {
  const { settings, observers, listener, main } = start
  const counters = countersIn(start.counters)
  const report = (message: Report, transfer: ArrayBuffer[] = []) =>
    main.postMessage(message, transfer)
  const decider = remote(start.pack.ruleSet, {
    where: settings.pool,
    mostWaiting: settings.queueLimit,
    deadlineMs: settings.decisionTimeout,
    ask: (questions) => report({ kind: 'questions', questions }, [questions.bytes.buffer]),
    state: () => poolState(counters),
  })
  let live: Pack = start.pack
  const log: Log = (line, fields) => report({ kind: 'log', line, ...(fields && { fields }) })
  const { control, deliver } = remoteControl((id, name, args) =>
    report({ kind: 'command', id, name, args }),
  )
  const own = await startListener(
    { settings, live: () => live, decider, counters, observers, control, listener, log },
    start.port,
  )

  return new Promise((resolve, reject) => {
    const stop = async (withinMs: number) => {
      const cutOff = await own.stop(withinMs)
      await decider.close()
      resolve(cutOff)
    }
    const swap = async (pack: Pack) => {
      try {
        await decider.swap(pack.ruleSet)
        live = pack
        report({ kind: 'swapped' })
      } catch (error) {
        report({ kind: 'swapped', error: String(error) })
      }
    }
    main.on('message', (order: Order) => {
      if (order.kind === 'replies') decider.deliver(order.replies)
      else if (order.kind === 'controlled') deliver(order.id, order.controlled)
      else if (order.kind === 'ping') report({ kind: 'pong' })
      else if (order.kind === 'retire') own.retire()
      else if (order.kind === 'swap') void swap(order.pack)
      else stop(order.withinMs).catch(reject)
    })
    report({ kind: 'listening' })
  })
}

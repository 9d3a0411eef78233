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
  const { settings, access, observers, listener, main } = start
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
  let { lastReload } = start
  const log: Log = (line, fields) => report({ kind: 'log', line, ...(fields && { fields }) })
  const { control, deliver } = remoteControl((id, name, args) =>
    report({ kind: 'command', id, name, args }),
  )
  const own = await startListener(
    {
      settings,
      live: () => live,
      lastReload: () => lastReload,
      decider,
      counters,
      access,
      observers,
      control,
      listener,
      log,
    },
    start.port,
  )

  return new Promise((resolve, reject) => {
    const stop = async (withinMs: number) => {
      const cutOff = await own.stop(withinMs)
      await decider.close()
      resolve(cutOff)
    }
    const prepare = async (pack: Pack) => {
      const commit = await decider.prepare(pack.ruleSet)
      return async () => {
        await commit()
        live = pack
      }
    }
    let ready: ReturnType<typeof prepare> | undefined
    const acknowledge = (act: Promise<unknown>) => {
      act.then(
        () => report({ kind: 'done' }),
        (error: unknown) => report({ kind: 'done', error: String(error) }),
      )
    }
    main.on('message', (order: Order) => {
      if (order.kind === 'replies') decider.deliver(order.replies)
      else if (order.kind === 'controlled') deliver(order.id, order.controlled)
      else if (order.kind === 'ping') report({ kind: 'pong' })
      else if (order.kind === 'retire') own.retire()
      else if (order.kind === 'reloaded') lastReload = order.lastReload
      else if (order.kind === 'prepare') acknowledge((ready = prepare(order.pack)))
      else if (order.kind === 'commit')
        acknowledge((order.pack ? prepare(order.pack) : ready!).then((commit) => commit()))
      else stop(order.withinMs).catch(reject)
    })
    report({ kind: 'listening' })
  })
}

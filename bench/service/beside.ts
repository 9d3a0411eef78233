import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from './ground.ts'
import { service } from './servers.ts'
import { trial, type Trial, type TurnTarget } from './turns.ts'

/** The service with arguments that name files in a folder of its own. */
const withFolder = (name: string, argsIn: (folder: string) => readonly string[]): Server => ({
  name,
  pinned: false,
  async start(ground) {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-beside-'))
    const remove = () => rmSync(folder, { recursive: true })
    try {
      const running = await service('', argsIn(folder)).start(ground)
      return {
        ...running,
        async stop() {
          await running.stop()
          remove()
        },
      }
    } catch (error) {
      remove()
      throw error
    }
  },
})

const alone = service('nothing beside it')
const shadowed = withFolder('a shadow', (folder) => [
  '--shadow',
  'security-defaults-current',
  '--shadow-log',
  join(folder, 'differences.ndjson'),
])
const logged = ['never', 'interval', 'answer'].map((fsync) => ({
  fsync,
  server: withFolder(`a decision log, fsync ${fsync}`, (folder) => [
    '--decision-log',
    join(folder, 'decisions.ndjson'),
    '--decision-log-fsync',
    fsync,
  ]),
}))

const quarter = (server: Server): Trial => ({
  server,
  form: 'single',
  load: { share: 0.25, of: alone },
})
const method = 'all cores shared with the client, in turns; answers compared with the rules'

/** What happens beside an answer, one by one: a candidate that decides too, and the decision log as firmly as it is wanted. */
export const besideTargets: readonly TurnTarget[] = [
  {
    name: 'shadow-p99',
    what: 'p99 with a shadow vs without, at a quarter of what the service can take',
    atMost: 1.05,
    unit: '×',
    method: `Poisson arrivals, ${method}; the candidate is security-defaults-current, its differences are logged`,
    trials: [quarter(shadowed), quarter(alone)],
    figure: ([on, off]) => on!.p99Us / off!.p99Us,
  },
  {
    name: 'shadow-rate',
    what: 'the same, decisions a second where all cores are taken',
    atLeast: 0.5,
    unit: '×',
    method: `64 connections as fast as they are answered, ${method}`,
    trials: [trial(shadowed, 64), trial(alone, 64)],
    figure: ([on, off]) => on!.perSecond / off!.perSecond,
  },
  ...logged.map(({ fsync, server }): TurnTarget => ({
    name: `log-${fsync}`,
    what: `decisions a second with a decision log, fsync ${fsync}, vs without`,
    // On the disk before an answer is told: that costs what the disk costs.
    atLeast: fsync === 'answer' ? 0.3 : 0.85,
    unit: '×',
    method: `64 connections as fast as they are answered, ${method}; the log on the disk of the temporary folder`,
    trials: [trial(server, 64), trial(alone, 64)],
    figure: ([on, off]) => on!.perSecond / off!.perSecond,
  })),
]

import type { ActivationAnswer, RevisionsAnswer, StatusAnswer } from '../client/index.ts'
import { exit, styler, table, type Io } from './io.ts'
import { withService, type ServiceFlags } from './service.ts'

/** What operators ask of a service that runs: how it is, and that other rules decide. */
export const operations = {
  async status(flags: ServiceFlags, io: Io) {
    return withService(flags, io, async (client) =>
      tell(await client.status(), statusText, flags, io),
    )
  },
  async revisions(flags: ServiceFlags, io: Io) {
    return withService(flags, io, async (client) =>
      tell(await client.revisions(), revisionsText, flags, io),
    )
  },
  async reload(flags: ServiceFlags, io: Io) {
    return withService(flags, io, async (client) =>
      tell(await client.reload(), activationText, flags, io),
    )
  },
  async activate(flags: ServiceFlags, io: Io, revision: string) {
    return withService(flags, io, async (client) =>
      tell(await client.activate(revision), activationText, flags, io),
    )
  },
  async rollback(flags: ServiceFlags, io: Io) {
    return withService(flags, io, async (client) =>
      tell(await client.rollback(), activationText, flags, io),
    )
  },
}

function tell<T>(
  answer: T,
  text: (answer: T, io: Io) => string,
  { json }: ServiceFlags,
  io: Io,
): number {
  io.out(json ? `${JSON.stringify(answer, null, 2)}\n` : text(answer, io))
  return exit.ok
}

const short = (revision: string) => revision.slice(0, 'sha256:'.length + 12)

function activationText({ changed, from, to, ms }: ActivationAnswer): string {
  return changed
    ? `${short(to)} decides, instead of ${short(from)} (${Math.round(ms)} ms)\n`
    : `${short(to)} decides, as before\n`
}

function statusText(status: StatusAnswer, io: Io): string {
  const style = styler(io)
  const { version, startedAt, uptimeSeconds: _, ruleSet, lastReload, ...parts } = status
  const { id, title, revision, rules, since, by } = ruleSet
  const last =
    lastReload === null
      ? 'none'
      : `${lastReload.ok ? 'done' : style('red', 'failed')} ${lastReload.at} by ${lastReload.by}: ${lastReload.detail}`
  const rows = [
    ['rule set', `${id} ${short(revision)}, ${rules} rules: ${title}`],
    ['decides', `since ${since}, by ${by}`],
    ['reload', last],
    ['service', `Portcullis ${version}, since ${startedAt}`],
    ...Object.entries(parts).map(([part, said]) => [part, JSON.stringify(said)]),
  ]
  return table(rows, '')
}

function revisionsText({ revisions, history }: RevisionsAnswer, io: Io): string {
  const style = styler(io)
  const kept = revisions.map(({ revision, id, isLive, lastActivatedAt, by }) => [
    isLive ? '*' : ' ',
    short(revision),
    id,
    `${lastActivatedAt} by ${by}`,
  ])
  const went = history.map(({ at, by, from, to }) => [
    at,
    by,
    from === null || from === to ? short(to) : `${short(from)} → ${short(to)}`,
  ])
  return `${style('bold', 'Kept')}\n${table(kept)}\n${style('bold', 'What decided when')}\n${table(went)}`
}

import type {
  ActivationAnswer,
  RevisionsAnswer,
  ShadowAnswer,
  StatusAnswer,
} from '../client/index.ts'
import { exit, plural, styler, table, type Io } from './io.ts'
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
  async shadow(flags: ServiceFlags, io: Io) {
    return withService(flags, io, async (client) =>
      tell(await client.shadow(), shadowText, flags, io),
    )
  },
  async promote(flags: ServiceFlags, io: Io, revision?: string) {
    return withService(flags, io, async (client) =>
      tell(await client.promote(revision), activationText, flags, io),
    )
  },
  async rollback(flags: ServiceFlags, io: Io) {
    return withService(flags, io, async (client) =>
      tell(await client.rollback(), rollbackText, flags, io),
    )
  },
}

function shadowText(answer: ShadowAnswer, io: Io): string {
  const { live, since, candidate, reportRules, skipped, errors } = answer
  if (candidate === null && reportRules === null)
    return 'nothing is compared: there is no candidate (serve --shadow PACK), and no rule only reports\n'
  const left = Object.values(skipped).reduce((sum, each) => sum + each, 0) + errors
  return [
    `${live.id} ${short(live.revision)} decides; compared since ${since}\n`,
    candidate &&
      countsText(`${candidate.id} ${short(candidate.revision)} would decide`, candidate, io),
    reportRules &&
      countsText(
        `With the rules that only report (${reportRules.names.join(', ')})`,
        reportRules,
        io,
      ),
    left > 0 &&
      `\n${plural(left, 'decision')} not compared: ${JSON.stringify({ ...skipped, errors })}\n`,
  ]
    .filter((text) => typeof text === 'string')
    .join('')
}

type ShadowCounts = Omit<NonNullable<ShadowAnswer['reportRules']>, 'names'>

function countsText(title: string, counts: ShadowCounts, io: Io): string {
  const { compared = 0, differing = 0, outcomes = [], rules = [], rulesNotShown = 0 } = counts
  const way = ({ from, to }: { readonly from: string; readonly to: string }) => `${from} → ${to}`
  return [
    `\n${styler(io)('bold', title)}\n`,
    `  ${differing} of ${plural(compared, 'decision')} otherwise\n`,
    table(outcomes.map((each) => [way(each), each.count])),
    table(rules.map((each) => [each.rule, each.change, way(each), each.count])),
    rulesNotShown > 0 ? `  and ${rulesNotShown} more\n` : '',
  ].join('')
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

const rollbackText = (answer: ActivationAnswer): string =>
  `${activationText(answer)}A further rollback goes forth again, to ${short(answer.from)}; portcullis activate REVISION goes further back (portcullis revisions lists them)\n`

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

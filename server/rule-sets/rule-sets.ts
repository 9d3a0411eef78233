import { setTimeout as sleep } from 'node:timers/promises'
import { faultText, type Commit, type Pack, type PackSource } from '../../engine/index.ts'
import type { Log } from '../log.ts'
import type { Activation, By, Candidate, LastReload, Refused } from './activation.ts'
import { printDocument, type PackDocument } from './store/document.ts'
import type { From, Made, Order } from './make.ts'
import { tellUnproved, type Gate, type Proving } from './proving.ts'
import { revisionNamed } from './revision-named.ts'
import { lastRevisions, type Entry, type Store } from './store/store.ts'

/** The rule set that decides, and the one way by which another comes to decide. */
export type RuleSets = {
  readonly live: () => Pack
  /** When, and by whom, it came to decide. */
  readonly since: () => Entry
  readonly lastReload: () => LastReload | undefined
  /**
   * Lets a candidate decide: made ready and tried on a thread of its own, then everywhere at once; candidates one after the other.
   * Never rejects. One that is refused, here or before it came here, changes nothing, and the log says why.
   */
  readonly activate: (candidate: Candidate | Refused, by: By) => Promise<Activation>
  /** Reads the pack of the settings anew. Who asks while another such waits for its turn gets what comes of that one. */
  readonly reload: (by: By) => Promise<Activation>
  /** Lets decide what decided before. */
  readonly rollback: (by: By) => Promise<Activation>
  /** Calls back with each pack that comes to decide, once it does so everywhere. */
  readonly onLive: (listener: (pack: Pack) => void) => void
  /** The revisions that are kept, the latest first, and how they came and went, oldest first. */
  readonly kept: () => readonly string[]
  readonly history: () => readonly Entry[]
  /** Packs can be prepared from now on; what is asked before waits. */
  readonly begin: () => void
  /** Refuses what waits and all that is asked from now on; resolves soon, and if it can once what is under way is over. */
  readonly close: () => Promise<void>
}

export type RuleSetsOptions = {
  /** What decides when the service starts; without its texts it is not kept. */
  readonly first: { readonly pack: Pack; readonly source?: PackSource; readonly proved?: string }
  /** What it is, in words; left out, a pack that was named. */
  readonly firstIs?: string
  /** Name or folder of the pack that `reload` reads. */
  readonly folder: string
  readonly store: Store
  readonly make: (order: Order) => Promise<Made>
  /** What every candidate has to pass. */
  readonly gate: Gate
  /** Makes a pack ready everywhere, or rejects with nothing changed; then lets it decide everywhere. */
  readonly prepare: (pack: Pack) => Promise<Commit>
  readonly log: Log
  /** Told of each attempt after its end, unless it named nothing that could be tried. */
  readonly attempted: (attempt: Attempt) => void
}

export type Attempt = {
  readonly activation: Activation
  readonly ms: number
  readonly last: LastReload
}

const mostFaultsLogged = 20
/** Each with its witness is a kilobyte or two, and probes ask for them again and again. */
const mostUnprovedShown = 3
const mostProvedKnown = 100
/** What takes longer is ended with the threads that it waits for. */
const longestCloseMs = 1_000
const stopping: Refused = { problem: 'unavailable', detail: 'the service is stopping' }

export async function ruleSets(options: RuleSetsOptions): Promise<RuleSets> {
  const {
    first,
    firstIs = 'the pack that was given',
    folder,
    store,
    make,
    gate,
    prepare,
    log,
    attempted,
  } = options
  const listeners: ((pack: Pack) => void)[] = []
  let live = first.pack
  let lastReload: LastReload | undefined
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  let turns: Promise<unknown> = begun
  let waiting: Promise<Activation> | undefined
  let closed = false
  let proved = first.proved === undefined ? [] : [first.proved]

  const { revision } = live.ruleSet
  const lastLive = store.history().at(-1)
  if (lastLive && lastLive.to !== revision)
    log(
      `warning: ${lastLive.to} decided last, since ${lastLive.at} (${lastLive.by}); what decides now is ${firstIs}, ${revision}. A rollback goes back`,
      { level: 'warn', event: 'another rule set decided last', from: lastLive.to, to: revision },
    )
  if (first.source) await keep(live, printDocument(first.source, revision))
  let since = await note('start', lastLive?.to ?? null)

  function inTurn(by: By, what: () => Candidate | Refused): Promise<Activation> {
    const turn = turns.then(() => attempt(by, what))
    turns = turn
    return turn
  }

  async function attempt(by: By, what: () => Candidate | Refused): Promise<Activation> {
    const start = performance.now()
    const from = live.ruleSet.revision
    const got = await tried(what, by).catch(bug)
    const ms = Math.round((performance.now() - start) * 10) / 10
    const activation: Activation =
      'problem' in got
        ? { activated: false, ...got }
        : {
            activated: true,
            changed: got.to !== from,
            from,
            to: got.to,
            ms,
            ...(got.unproved.length > 0 && { unproved: got.unproved }),
          }
    say(activation, by)
    if (namesNothing(activation)) return activation
    lastReload = {
      ok: activation.activated,
      at: new Date().toISOString(),
      by,
      detail: activation.activated ? activation.to : activation.detail,
      ...(activation.unproved && { unproved: activation.unproved.slice(0, mostUnprovedShown) }),
    }
    attempted({ activation, ms, last: lastReload })
    return activation
  }

  /** The revision that decides now, or why it is not the candidate's. */
  async function tried(
    what: () => Candidate | Refused,
    by: By,
  ): Promise<({ readonly to: string } & Pick<Proving, 'unproved'>) | Refused> {
    if (closed) return stopping
    const from = await origin(what())
    if ('problem' in from) return from
    const before = live.ruleSet.revision
    const made = await make({ from, live: before, gate, known: proved })
    if ('refused' in made) return made.refused
    const { unproved } = made
    if (made.proved !== undefined)
      proved = [...new Set([made.proved, ...proved])].slice(0, mostProvedKnown)
    if ('unchanged' in made) return { to: made.unchanged, unproved }
    if (closed) return stopping
    const { pack, document } = made
    await keep(pack, document) // first, so that nothing is decided by what nobody can look up
    let commit: Commit
    try {
      commit = await prepare(pack)
    } catch (error) {
      return { problem: 'rule-set-refused', detail: `it can't be loaded: ${reasons(error)}` }
    }
    const committed = commit()
    live = pack // at once, so that a listener which is just being started starts with it
    await committed
    since = await note(by, before)
    tell(pack)
    return { to: pack.ruleSet.revision, unproved }
  }

  function tell(pack: Pack): void {
    for (const listener of listeners)
      try {
        listener(pack)
      } catch (error) {
        bug(error)
      }
  }

  async function origin(candidate: Candidate | Refused): Promise<From | Refused> {
    if (!('revision' in candidate)) return candidate
    const named = revisionNamed(candidate.revision, kept())
    if ('problem' in named) return named
    try {
      return { document: await store.read(named.revision), revision: named.revision }
    } catch (error) {
      const detail = `the kept pack ${named.revision} can't be read: ${reasons(error)}`
      return { problem: 'rule-set-refused', detail }
    }
  }

  function before(): Candidate | Refused {
    const entry = store.history().findLast(({ to }) => to !== live.ruleSet.revision)
    if (entry === undefined)
      return { problem: 'nothing-before', detail: 'no other rule set has decided here' }
    if (store.isKept(entry.to)) return { revision: entry.to }
    return { problem: 'nothing-before', detail: `${entry.to} decided before, but is not kept` }
  }

  const kept = () => lastRevisions(store.history(), Infinity).filter((each) => store.isKept(each))

  /** What can't be kept decides all the same: an operator with a full disk has to be able to mend a rule. */
  async function keep({ ruleSet }: Pack, document: PackDocument): Promise<void> {
    await store.keep(ruleSet.revision, document).catch((error: unknown) => {
      const line = `warning: ${ruleSet.revision} is not kept, so that nobody can go back to it: ${reasons(error)}`
      log(line, { level: 'warn', event: 'revision not kept', revision: ruleSet.revision })
    })
  }

  async function note(by: By, from: string | null): Promise<Entry> {
    const { id, revision: to } = live.ruleSet
    const entry: Entry = { at: new Date().toISOString(), by, from, to, id }
    await store.note(entry).catch((error: unknown) => {
      log(`warning: the history of rule sets is not kept: ${reasons(error)}`, { level: 'warn' })
    })
    return entry
  }

  function bug(error: unknown): Refused {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    log(`internal error: ${detail}`, { level: 'error' })
    return { problem: 'internal', detail: 'see the log of the service' }
  }

  function say(activation: Activation, by: By): void {
    const now = live.ruleSet
    const { unproved = [] } = activation
    tellUnproved(log, unproved, activation.activated ? 'warn' : 'error', { by })
    if (activation.activated) {
      const { changed, from, to, ms } = activation
      const line = changed
        ? `${now.id} ${to} decides since ${ms} ms after it was asked (${by}); before: ${from}`
        : `nothing to do (${by}): ${now.id} ${to} decides already`
      return log(line, { event: 'rule set', by, from, to, changed, ms })
    }
    const { problem, detail, faults = [] } = activation
    const fields = { level: 'error', event: 'rule set refused', by, problem } as const
    const more = faults.length - mostFaultsLogged
    for (const fault of faults.slice(0, mostFaultsLogged))
      log(faultText(fault), { ...fields, ...fault.at })
    if (more > 0) log(`and ${more} more`, fields)
    return log(
      `${by}: the rule set does not go live${faults.length + unproved.length > 0 ? '' : ` (${detail})`}; ${now.id} ${now.revision} still decides`,
      { ...fields, detail, revision: now.revision },
    )
  }

  return {
    live: () => live,
    since: () => since,
    lastReload: () => lastReload,
    activate: (candidate, by) => inTurn(by, () => candidate),
    reload: (by) =>
      (waiting ??= inTurn(by, () => {
        waiting = undefined // who asks from now on may have changed a file that is being read
        return { folder }
      })),
    rollback: (by) => inTurn(by, before),
    onLive: (listener) => void listeners.push(listener),
    kept,
    history: store.history,
    begin,
    async close() {
      closed = true
      begin()
      await Promise.race([turns, sleep(longestCloseMs, undefined, { ref: false })])
    },
  }
}

/** Nothing was tried: a name that is not known says nothing of the rules. */
const namesNothing = (activation: Activation): boolean =>
  !activation.activated &&
  (activation.problem === 'unknown-revision' || activation.problem === 'nothing-before')

/** An error with what caused it. */
function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${reasons(error.cause)}`
}

import {
  answer,
  hasAllFacts,
  isNotJson,
  load,
  type DecisionBody,
  type Loaded,
  type RuleSet,
} from '../../engine/index.ts'
import { cutEntry, parseEntry, type Entry } from './entry.ts'

/** Where an entry stands. */
export type At = { readonly file: string; readonly line: number }

/** An entry that is decided differently now, by the rules that it names. */
export type Difference = At & { readonly logged: string; readonly now: string }

/** Entries that another rule set decides otherwise. */
export type Change = {
  readonly from: string
  readonly to: string
  readonly entries: number
  readonly first: readonly (At & { readonly decisionId: string })[]
}

/** What a replay of a decision log found. Every line is one of these: `lines = same + different + masked + unknown + torn + foreign`. */
export type LogReport = {
  readonly lines: number
  /** Decided again by the rules of their revision, and the same byte for byte. */
  readonly same: number
  readonly different: number
  /** Facts are left out. */
  readonly masked: number
  /** By a revision that is not at hand. */
  readonly unknown: number
  readonly torn: number
  readonly foreign: number
  /** Entries by revision, most first. */
  readonly revisions: readonly {
    readonly revision: string
    readonly id?: string
    readonly entries: number
  }[]
  /** The first hundred. */
  readonly differences: readonly Difference[]
  /** Where the first lines that are torn, and that are no entries, stand. */
  readonly tornAt: readonly At[]
  readonly foreignAt: readonly At[]
  /** What another rule set makes of entries that were decided by others. */
  readonly other?: {
    readonly ruleSet: { readonly id: string; readonly revision: string }
    readonly decided: number
    /** It can't decide them, since it needs facts that they do not have. */
    readonly undecided: number
    readonly changed: number
    readonly changes: readonly Change[]
    readonly rules: readonly {
      readonly rule: string
      readonly applies: number
      readonly applied: number
    }[]
  }
}

const [mostDifferences, mostPlaces] = [100, 3]

/**
 * Decides the entries of a decision log again. `rulesOf` gives the rule set of a revision, if it is at hand; `other` is tried on all
 * that it did not decide itself.
 */
export function logReplay(rulesOf: (revision: string) => RuleSet | undefined, other?: RuleSet) {
  const counts = { lines: 0, same: 0, different: 0, masked: 0, unknown: 0, torn: 0, foreign: 0 }
  const revisions = new Map<string, { entries: number; loaded: Loaded | undefined }>()
  const differences: Difference[] = []
  const [tornAt, foreignAt]: [At[], At[]] = [[], []]
  const impact = other && impactOf(load(other))

  const broken = (kind: 'torn' | 'foreign', at: At): void => {
    counts[kind]++
    const places = kind === 'torn' ? tornAt : foreignAt
    if (places.length < mostPlaces) places.push(at)
  }

  function known(revision: string): { entries: number; loaded: Loaded | undefined } {
    let of = revisions.get(revision)
    if (of === undefined) {
      const ruleSet = rulesOf(revision)
      of = { entries: 0, loaded: ruleSet && load(ruleSet) }
      revisions.set(revision, of)
    }
    return of
  }

  /** What would be told now, or undefined if the sign-in is no JSON. */
  function toldNow(loaded: Loaded, { signIn, now, head }: Entry): string | undefined {
    const again = answer(loaded, signIn, now)
    if ('json' in again) return `${head}${again.json.slice(1)}`
    return isNotJson(again.faults) ? undefined : JSON.stringify({ faults: again.faults })
  }

  function entry(line: Buffer, at: At): void {
    counts.lines++
    const cut = cutEntry(line)
    const first = cut ?? parseEntry(line)
    if (typeof first === 'string') return broken(first, at)
    const { entries, loaded } = known(first.revision)
    if (loaded === undefined || !hasAllFacts(first.masked)) {
      // Nothing has shown yet that what was cut is JSON.
      const read = cut === undefined ? first : parseEntry(line)
      if (typeof read === 'string') return broken(read, at)
      counts[loaded === undefined ? 'unknown' : 'masked']++
      revisions.get(first.revision)!.entries = entries + 1
      return impact?.take(read, at)
    }
    let now = toldNow(loaded, first)
    if (now === first.decision) counts.same++
    else {
      const read = parseEntry(line)
      if (typeof read === 'string') return broken(read, at)
      now = toldNow(loaded, read)
      if (now === read.decision) counts.same++
      else {
        counts.different++
        if (differences.length < mostDifferences)
          differences.push({ ...at, logged: read.decision, now: now ?? '' })
      }
    }
    revisions.get(first.revision)!.entries = entries + 1
    impact?.take(first, at)
  }

  return {
    entry,
    /** A file that is packed broke off. */
    brokenOff(at: At): void {
      counts.lines++
      broken('torn', at)
    },
    report: (): LogReport => ({
      ...counts,
      revisions: [...revisions]
        .map(([revision, { entries, loaded }]) => ({
          revision,
          ...(loaded && { id: loaded.ruleSet.id }),
          entries,
        }))
        .sort((a, b) => b.entries - a.entries),
      differences,
      tornAt,
      foreignAt,
      ...(impact && { other: impact.report() }),
    }),
  }
}

/** What another rule set makes of entries. */
function impactOf(loaded: Loaded) {
  const { id, revision } = loaded.ruleSet
  let [decided, undecided, changed] = [0, 0, 0]
  const changes = new Map<
    string,
    { entries: number; first: Change['first'][number][] } & Omit<Change, 'entries' | 'first'>
  >()
  const rules = new Map<string, { applies: number; applied: number }>()
  const rule = (name: string) => {
    const of = rules.get(name) ?? { applies: 0, applied: 0 }
    rules.set(name, of)
    return of
  }
  return {
    take({ signIn, decision, now, head, revision: by, masked }: Entry, at: At): void {
      if (by === revision || !hasAllFacts(masked)) return
      const again = answer(loaded, signIn, now)
      if ('faults' in again) return void undecided++
      decided++
      // Members are in the order in which decisions are printed, so what stands before the advice says it all.
      if (beforeAdvice(decision, head.length - 1) === beforeAdvice(again.json, 0)) return
      changed++
      const [was, is] = [JSON.parse(decision), JSON.parse(again.json)] as [
        DecisionBody & { decisionId: string },
        DecisionBody,
      ]
      const [from, to] = [shown(was), shown(is)]
      const change = changes.get(`${from}→${to}`) ?? { from, to, entries: 0, first: [] }
      changes.set(`${from}→${to}`, change)
      change.entries++
      if (change.first.length < mostPlaces) change.first.push({ ...at, decisionId: was.decisionId })
      const [before, after] = [was, is].map(
        ({ reasons }) => new Set(reasons.map((each) => each.rule)),
      ) as [Set<string>, Set<string>]
      for (const name of after.difference(before)) rule(name).applies++
      for (const name of before.difference(after)) rule(name).applied++
    },
    report: (): NonNullable<LogReport['other']> => ({
      ruleSet: { id, revision },
      decided,
      undecided,
      changed,
      changes: [...changes.values()].sort((a, b) => b.entries - a.entries),
      rules: [...rules]
        .map(([name, of]) => ({ rule: name, ...of }))
        .sort((a, b) => b.applies + b.applied - a.applies - a.applied),
    }),
  }
}

const beforeAdvice = (json: string, from: number): string =>
  json.slice(from + 1, json.indexOf(',"advice":', from))

const shown = ({ outcome, requirements }: DecisionBody): string =>
  requirements.length === 0 ? outcome : `${outcome}: ${requirements.join(', ')}`

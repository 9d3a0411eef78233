import type { AtOnce, Decision } from '../engine/index.ts'

/** The rules that a decision names, each with its effect, and the facts that were assumed for it. */
export type DecidedBy = Pick<Decision, 'outcome' | 'reasons' | 'advice'> & {
  readonly assumed: readonly { readonly fact: string }[]
}

/** Texts whose rules or facts are kept, before they are read anew. */
const mostKept = 1_024
const assumedMember = ',"assumed":['
const ruleSetMember = '],"ruleSet":{'
/** The time of a sign-in that does not say it: another each time, so that texts with it would never be found again. */
const timeAssumed = '{"fact":"at",'

type Text = { readonly reasons: Decision['reasons']; readonly advice: Decision['advice'] }

/**
 * Tells what a decision rests on. An answer of another thread has it in its text alone; few decisions and few lists of assumptions
 * make up most of them, so that what was read from a part of a text is kept.
 */
export function decidedBy(): (answer: AtOnce) => DecidedBy {
  const decisions = keeping((text) => JSON.parse(`${text}}`) as Text)
  const lists = keeping((text) => (JSON.parse(`[${text}]`) as DecidedBy['assumed']).map(interned))

  return ({ outcome, json, decision, assumed }) => {
    if (decision !== undefined && assumed !== undefined)
      return { outcome, reasons: decision.reasons, advice: decision.advice, assumed }
    // Inside of a JSON string quotes are escaped, so that these are the members themselves.
    const end = json.indexOf(assumedMember)
    const listEnd = json.indexOf(ruleSetMember, end)
    if (end < 0 || listEnd < 0) return { outcome, reasons: [], advice: [], assumed: [] }
    const { reasons, advice } = decisions(json.slice(0, end))
    return { outcome, reasons, advice, assumed: listOf(json, end + assumedMember.length, listEnd) }
  }

  function listOf(json: string, from: number, to: number): DecidedBy['assumed'] {
    if (from === to) return []
    if (!json.startsWith(timeAssumed, from)) return lists(json.slice(from, to))
    const rest = json.indexOf('},{', from) // the text of a time has no braces
    const others = rest < 0 || rest > to ? [] : lists(json.slice(rest + 2, to))
    return [{ fact: 'at' }, ...others]
  }
}

/** With the one text of which V8 keeps only one, as of those in code, so that they are told apart by where they are. */
const interned = ({ fact }: { readonly fact: string }) => ({ fact: Object.keys({ [fact]: 0 })[0]! })

function keeping<T>(read: (text: string) => T): (text: string) => T {
  const kept = new Map<string, T>()
  return (text) => {
    let known = kept.get(text)
    if (known === undefined) {
      if (kept.size === mostKept) kept.clear()
      known = read(text)
      kept.set(Buffer.from(text).toString(), known) // a copy, since a part of a text holds the whole of it
    }
    return known
  }
}

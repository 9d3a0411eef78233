import { compile } from './compile/compile.ts'
import type { Decide, Decision, Outcome } from './decision.ts'
import type { Fault } from './fault.ts'
import { readingFor, type Reading } from './reading.ts'
import type { RuleSet } from './rule-set.ts'
import { colon, nextStructural } from './structure.ts'
import { answerPrinter, type PrintAnswer } from './print-answer.ts'
import { type Assumed, type Envelope, type ParsedSignIn } from './sign-in.ts'

/** A rule set made ready: sign-ins are parsed by its fact table and decided by its compiled rules. */
export type Loaded = Reading & {
  readonly ruleSet: RuleSet
  readonly decide: Decide
  readonly print: PrintAnswer
}

export function load(ruleSet: RuleSet): Loaded {
  return {
    ruleSet,
    ...readingFor(ruleSet),
    decide: compile(ruleSet),
    print: answerPrinter(ruleSet),
  }
}

/**
 * What a question gets: a decision as JSON text, ready to be sent, or what is wrong with the question. Never neither. What the text
 * says of rules and assumptions is there as values too, but on no other thread than the one that decided.
 */
export type Answer =
  | {
      readonly outcome: Outcome
      readonly json: string
      readonly decision?: Decision
      readonly assumed?: readonly Assumed[]
    }
  | { readonly faults: readonly [Fault, ...Fault[]] }

/** A decision with what it rests on; `DecisionBody` as JSON is what callers get. */
export type DecisionBody = Decision & {
  readonly assumed: readonly Assumed[]
  readonly ruleSet: { readonly id: string; readonly revision: string }
  readonly correlationId?: string
}

/** Decides one sign-in given as JSON, as text or as UTF-8. `now` (milliseconds) is the time of a sign-in that does not say its own. */
export function answer(loaded: Loaded, body: string | Uint8Array, now: number): Answer {
  const read = readSignIn(loaded, body, now)
  return read.faults ? { faults: read.faults } : answerTo(loaded, read)
}

/** The sign-in that a body is, or what is wrong with it, as `answer` sees it. */
export function readSignIn(loaded: Loaded, body: string | Uint8Array, now: number): ParsedSignIn {
  const plain = loaded.readPlain(body, now)
  if (plain !== undefined) return plain
  const text = typeof body === 'string' ? body : textOf(body)
  return text === undefined ? { faults: [notUtf8] } : readLong(loaded, text, now)
}

/** The same for a sign-in that is written plainly, as text or as UTF-8; undefined for any other, which `answer` may still decide. */
export function answerPlain(loaded: Loaded, text: string | Uint8Array, now: number) {
  const read = loaded.readPlain(text, now)
  return read && answerTo(loaded, read)
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The body is not even JSON. */
const notJson = (got: string, hint: string): Fault => ({ pointer: '', expected: 'JSON', got, hint })
const notUtf8 = notJson('bytes that are no UTF-8', 'send one JSON value, in UTF-8')
export const isNotJson = ([{ pointer, expected }]: readonly [Fault, ...Fault[]]): boolean =>
  pointer === '' && expected === 'JSON'

function answerTo(
  { decide, print }: Loaded,
  { signIn, assumed, envelope }: Exclude<ParsedSignIn, { readonly faults: readonly Fault[] }>,
) {
  const decision = decide(signIn)
  return { outcome: decision.outcome, json: print(decision, assumed, envelope), decision, assumed }
}

function readLong({ parse }: Loaded, text: string, now: number): ParsedSignIn {
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch (error) {
    const got = (error as SyntaxError).message.slice(0, 120)
    return { faults: [notJson(got, 'send one JSON value')] }
  }
  return hasDuplicates(text, input) ? { faults: [duplicate] } : parse(input, now)
}

export function decisionBody(
  { id, revision }: RuleSet,
  decision: Decision,
  assumed: readonly Assumed[],
  { correlationId }: Envelope,
): DecisionBody {
  return {
    ...decision,
    assumed,
    ruleSet: { id, revision },
    ...(correlationId !== undefined && { correlationId }),
  }
}

const duplicate = {
  pointer: '',
  expected: 'each member of an object once',
  got: 'one of them again',
  hint: 'JSON.parse would let the last one win',
}

/** Whether some object in the text says a member twice: the text then has more members than what was parsed from it. */
function hasDuplicates(text: string, parsed: unknown): boolean {
  return membersIn(text) !== membersOf(parsed)
}

/** Colons outside strings: as many as there are members. */
function membersIn(text: string): number {
  let members = 0
  for (let at = nextStructural(text, 0); at >= 0; at = nextStructural(text, at + 1))
    if (text.charCodeAt(at) === colon) members++
  return members
}

/** Members of all objects in a value; with a stack of its own, since hostile values are deep. */
function membersOf(value: unknown): number {
  let members = 0
  const open = [value]
  while (open.length > 0) {
    const each = open.pop()
    if (typeof each !== 'object' || each === null) continue
    const below = Object.values(each)
    if (!Array.isArray(each)) members += below.length
    for (const member of below) if (typeof member === 'object') open.push(member)
  }
  return members
}

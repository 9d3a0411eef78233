import { createHmac, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  didYouMean,
  factTable,
  faultText,
  parseValue,
  type Assumption,
  type Fault,
  type RuleSet,
} from '../engine/index.ts'
import {
  devicesCsv,
  markdownOf,
  pseudonymised,
  readDirectory,
  reportOf,
  surveyOf,
  tallyOf,
  usersCsv,
  type Directory,
  type Question,
  type Report,
} from '../replay/index.ts'
import { exit, readText, UsageError, type Io } from './io.ts'
import { mustLoadPack } from './load-pack.ts'
import { replayHtml } from './replay/html.ts'
import { logInputs } from './replay/inputs.ts'
import { progressOf } from './replay/progress.ts'
import { replayText } from './replay/text.ts'

export type ReplayFlags = {
  readonly pack?: string
  readonly assume: readonly string[]
  readonly directory: readonly string[]
  readonly enabledAt?: string
  readonly dayFirst?: boolean
  readonly monthFirst?: boolean
  readonly names?: boolean
  readonly promptBudget?: string
  readonly out?: string
  readonly format?: 'human' | 'json' | 'markdown'
  readonly json?: boolean
}

/** `portcullis replay`: who would be challenged or blocked, by what these logs say that people do. */
export async function replayCommand(
  logs: readonly string[],
  flags: ReplayFlags,
  io: Io,
): Promise<number> {
  const { ruleSet } = mustLoadPack(flags.pack, io)
  return replayLogs(logs, { ruleSet }, flags, io)
}

/** Decides logs by one rule set, or by two to compare them, and says what was found. */
export async function replayLogs(
  logs: readonly string[],
  ruleSets: Pick<Question, 'ruleSet' | 'before'>,
  flags: ReplayFlags,
  io: Io,
): Promise<number> {
  const budget = budgetOf(flags.promptBudget)
  const question: Question = { ...ruleSets, ...questionOf(ruleSets.ruleSet, flags) }
  const { inputs, done } = await logInputs(logs, io)
  try {
    const progress = progressOf(2 * inputs.reduce((total, { bytes }) => total + bytes, 0), io)
    const survey = await surveyOf(inputs, question, progress.read)
    const tally = await tallyOf(inputs, question, survey, progress.read)
    progress.end()
    return say(reportOf(tally, survey, question), flags, budget, io)
  } finally {
    done()
  }
}

function say(report: Report, flags: ReplayFlags, budget: number | undefined, io: Io): number {
  const key = randomBytes(32) // of this run alone, and written nowhere
  const leaving = flags.names
    ? report
    : pseudonymised(report, (kind, name) =>
        name === ''
          ? ''
          : `${kind}-${createHmac('sha256', key).update(`${kind} ${name}`).digest('hex').slice(0, 10)}`,
      )
  const json = `${JSON.stringify(leaving, null, 2)}\n`
  const format = flags.json ? 'json' : (flags.format ?? 'human')
  if (format === 'json') io.out(json)
  else if (format === 'markdown') io.out(markdownOf(leaving))
  else io.out(replayText(report, io))
  if (flags.out !== undefined) {
    writeAll(flags.out, {
      'report.json': json,
      'report.md': markdownOf(leaving),
      'report.html': replayHtml(leaving),
      'users.csv': usersCsv(leaving),
      'devices.csv': devicesCsv(leaving),
    })
    if (!flags.names) io.err(`portcullis: names are hidden in ${flags.out}; --names shows them\n`)
  }
  if (report.decided === 0) {
    io.err('portcullis: no row could be decided\n')
    return exit.findings
  }
  const { mean } = report.prompts.after
  if (budget === undefined || mean <= budget) return exit.ok
  io.err(
    `portcullis: ${mean} prompts for each user and day are more than the budget of ${budget}\n`,
  )
  return exit.findings
}

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  } catch (error) {
    throw new UsageError(`--out ${folder}: ${(error as Error).message}`)
  }
}

function questionOf(ruleSet: RuleSet, flags: ReplayFlags): Omit<Question, 'ruleSet'> {
  if (flags.dayFirst && flags.monthFirst)
    throw new UsageError('--day-first and --month-first: expected one of them')
  const directory = directoryOf(flags.directory)
  const order = flags.dayFirst ? 'day first' : flags.monthFirst ? 'month first' : undefined
  return {
    assumptions: flags.assume.map((each) => parseAssumption(each, ruleSet)),
    ...(directory && { directory }),
    ...(order && { order }),
    ...(flags.enabledAt !== undefined && { enabledAt: parseTime(flags.enabledAt) }),
  }
}

function directoryOf(files: readonly string[]): Directory | undefined {
  if (files.length === 0) return undefined
  const read = readDirectory(files.map((name) => ({ name, text: readText(name) })))
  if ('fault' in read) throw new UsageError(`--directory ${read.fault}`)
  return read
}

function parseTime(text: string): number {
  const time = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isNaN(time))
    throw new UsageError(
      `--enabled-at ${text}: expected a day such as 2026-07-01, or a time such as 2026-07-01T08:00:00Z`,
    )
  return time
}

function budgetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const budget = text.trim() === '' ? Number.NaN : Number(text)
  if (!(budget >= 0))
    throw new UsageError(`--prompt-budget ${text}: expected a number of prompts, such as 1.5`)
  return budget
}

/** `user.registeredMethods=["softwareOneTimePasscode"]`; what is no JSON is taken for a text. */
function parseAssumption(text: string, ruleSet: RuleSet): Assumption {
  const [fact = '', ...rest] = text.split('=')
  const facts = factTable(ruleSet.customFacts)
  const spec = Object.hasOwn(facts, fact) ? facts[fact] : undefined
  if (spec === undefined || spec.origin.by === 'engine' || rest.length === 0) {
    const { hint } = didYouMean(fact, Object.keys(facts))
    throw new UsageError(
      `--assume ${text}: expected FACT=VALUE with a fact that callers send${hint === undefined ? '' : ` (${hint})`}`,
    )
  }
  const faults: Fault[] = []
  const value = parseValue(spec.kind, jsonOrText(rest.join('=')), '', (fault) => faults.push(fault))
  if (value === undefined)
    throw new UsageError(`--assume ${text}: ${faults.map(faultText).join('; ')}`)
  return { fact, value, reason: 'said on the command line' }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

import { Option, type Command } from 'commander'
import { UsageError, type Io } from './io.ts'
import type { ReplayFlags } from './replay.ts'

type Help = {
  readonly pack: () => Option
  readonly json: () => Option
  readonly collect: (value: string, before: readonly string[]) => readonly string[]
  readonly examples: (...lines: readonly string[]) => string
}
type Flags = ReplayFlags & { readonly decisionLog?: boolean; readonly state?: string }

/** Commands that read logs. */
export function addReplay(
  program: Command,
  io: Io,
  { pack, json, collect, examples }: Help,
  done: (code: number) => void,
): void {
  addDemo(program, io, { examples }, done)
  const replay = program
    .command('replay')
    .description(
      'Decide the sign-ins of logs, and say whom a rule set would challenge or block; or decide a decision log again.',
    )
    .argument(
      '<logs...>',
      'logs of sign-ins in any shape, packed or not: files, folders, patterns; - for standard input',
    )
    .addOption(pack())
  for (const option of questionOptions(collect)) replay.addOption(option)
  replay
    .addOption(json())
    .option(
      '--decision-log',
      'the files are decision logs: each entry must come out as it did, by the rules of its revision; what --pack decides otherwise is shown beside it',
    )
    .option(
      '--state <folder>',
      'state folder of a service, whose rule sets decide what is logged under their revisions; for --decision-log',
    )
    .addHelpText(
      'after',
      examples(
        'portcullis replay InteractiveSignIns.csv NonInteractiveSignIns.csv',
        'portcullis replay --directory registrations.json --directory roles.json downloads/',
        'portcullis replay --enabled-at 2026-07-01 --out report signins.ndjson.gz',
        'portcullis replay --pack ./my-pack --prompt-budget 1.5 --format markdown downloads/',
        'portcullis replay --decision-log decisions.ndjson --state ./state',
      ),
    )
    .action(async (logs: string[], flags: Flags) => {
      if (flags.decisionLog) {
        const meant = forSignInLogs.find(([, given]) => given(flags))
        if (meant !== undefined)
          throw new UsageError(
            `${meant[0]}: expected without --decision-log, whose entries say all`,
          )
        const { replayLogCommand } = await import('./replay-log.ts')
        done(await replayLogCommand(logs, flags, io))
        return
      }
      if (flags.state !== undefined)
        throw new UsageError('--state: expected with --decision-log, whose entries name revisions')
      const { replayCommand } = await import('./replay.ts')
      done(await replayCommand(logs, flags, io))
    })
}

/** `portcullis demo`. */
function addDemo(
  program: Command,
  io: Io,
  { examples }: Pick<Help, 'examples'>,
  done: (code: number) => void,
): void {
  program
    .command('demo')
    .description(
      'Write a made-up company to try things on: 200 users with a month of sign-ins as the portal downloads them, who they are, and a pack of theirs.',
    )
    .argument('[folder]', 'a folder that is not there yet', 'demo')
    .addHelpText('after', examples('portcullis demo', 'portcullis demo /tmp/contoso'))
    .action(async (folder: string) => {
      const { demoCommand } = await import('./demo.ts')
      done(demoCommand(folder, io))
    })
}

/** Options that mean nothing to entries that are decided again. */
const forSignInLogs: readonly (readonly [option: string, given: (flags: Flags) => boolean])[] = [
  ['--assume', ({ assume }) => assume.length > 0],
  ['--directory', ({ directory }) => directory.length > 0],
  ['--enabled-at', ({ enabledAt }) => enabledAt !== undefined],
  ['--day-first', ({ dayFirst }) => dayFirst === true],
  ['--month-first', ({ monthFirst }) => monthFirst === true],
  ['--names', ({ names }) => names === true],
  ['--prompt-budget', ({ promptBudget }) => promptBudget !== undefined],
  ['--out', ({ out }) => out !== undefined],
  ['--format', ({ format }) => format !== undefined],
]

/** What is asked of logs, and how the answer is given. */
const questionOptions = (collect: Help['collect']): readonly Option[] => [
  new Option(
    '--directory <file>',
    'who holds which role and has registered what: Graph’s userRegistrationDetails or roleAssignments, as JSON or CSV; may be repeated',
  )
    .argParser(collect)
    .default([], 'none'),
  new Option(
    '--enabled-at <day>',
    'as if the rules had been switched on then, which begins grace periods (default: with the first sign-in)',
  ),
  new Option('--assume <fact=value>', 'a value for a fact that the log lacks; may be repeated')
    .argParser(collect)
    .default([], 'none'),
  new Option('--day-first', 'times such as 3/4/2026 are of the 3rd of April'),
  new Option('--month-first', 'times such as 3/4/2026 are of the 4th of March'),
  new Option(
    '--names',
    'show users and addresses in what may leave: JSON, Markdown and files of --out',
  ),
  new Option(
    '--prompt-budget <number>',
    'end with 1 if a user is asked more often than this on a day, on average',
  ),
  new Option(
    '--out <folder>',
    'write report.html, report.md, report.json, users.csv and devices.csv there',
  ),
  new Option('--format <format>', 'how to print the report').choices(['human', 'json', 'markdown']),
]

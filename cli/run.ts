import { Command, CommanderError, Option } from 'commander'
import { settings } from '../server/settings.ts'
import packageJson from '../package.json' with { type: 'json' }
import { addOperations } from './operate-commands.ts'
import type { AskFlags } from './decide.ts'
import { addBench } from './bench-commands.ts'
import { addAttest } from './attest-commands.ts'
import { addBundle } from './bundle-commands.ts'
import { addReplay } from './replay-commands.ts'
import { addTokens } from './token-commands.ts'
import { addVerify } from './verify-commands.ts'
import { exit, processIo, UsageError, type Io } from './io.ts'
import { settingOptions } from './setting-options.ts'

/** Runs one command line; resolves to the exit code. Each command's module is loaded only when it is asked for. */
export async function run(args: readonly string[], io: Io = processIo): Promise<number> {
  let code: number = exit.ok
  const program = new Command('portcullis')
    .description('Decides sign-ins from declarative JSON rules, with reasons.')
    .version(packageJson.version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 findings, 2 usage or bad input, 3 internal error.\n',
    )

  const pack = () =>
    new Option(
      '--pack <name or folder>',
      `${settings.pack.help} (default: ${settings.pack.default}, or ${settings.pack.env})`,
    )
  const json = () => new Option('--json', 'print JSON')
  const tokenFile = () => new Option('--token-file <file>', 'a file with the bearer token to show')
  const insecure = () =>
    new Option(
      '--insecure',
      'show the token over plain HTTP beyond loopback, where others can read it',
    )

  const serve = program
    .command('serve')
    .description('Answer questions over HTTP until stopped.')
    .addHelpText(
      'after',
      examples('portcullis serve', 'portcullis serve --pack security-defaults-current --port 9000'),
    )
    .action(async (flags: Record<string, string | boolean>) => {
      const { serveCommand } = await import('./serve.ts')
      code = await serveCommand(flags, io)
    })
  for (const option of settingOptions()) serve.addOption(option)

  const doctor = program
    .command('doctor')
    .description('Say whether the service would run here, and what to do if not.')
    .addOption(json())
    .option(
      '--clock-url <url>',
      'a server whose clock is right, to compare with: the Date of its answer',
    )
    .addHelpText(
      'after',
      `\nIt takes the settings of portcullis serve, starts nothing, and ends with 1 if there is a problem.\n${examples('portcullis doctor', 'portcullis doctor --config portcullis.json --json')}`,
    )
    .action(async (flags: Record<string, string | boolean>) => {
      const { doctorCommand } = await import('./doctor.ts')
      code = await doctorCommand(flags, io)
    })
  for (const option of settingOptions()) doctor.addOption(option)

  const asks = (name: string, description: string, ask: (...asked: Asked) => Promise<number>) =>
    program
      .command(name)
      .description(description)
      .argument('[file]', 'a sign-in as JSON; - or nothing for standard input', '-')
      .addOption(pack())
      .addOption(json())
      .addOption(new Option('--url <url>', 'ask a service that runs, by the rules that it has'))
      .addOption(tokenFile())
      .addOption(insecure())
      .addHelpText(
        'after',
        examples(
          `portcullis ${name} sign-in.json`,
          `cat sign-in.json | portcullis ${name} --json`,
          `portcullis ${name} --url http://127.0.0.1:8181 sign-in.json`,
        ),
      )
      .action(async (file: string, flags: AskFlags) => {
        code = await ask(file, flags, io)
      })
  asks('decide', 'Decide one sign-in, read from a file or from standard input.', async (...asked) =>
    (await import('./decide.ts')).decideCommand(...asked),
  )
  asks(
    'explain',
    'Explain how one sign-in is decided: every rule and condition, and what would change it.',
    async (...asked) => (await import('./explain.ts')).explainCommand(...asked),
  )

  program
    .command('check')
    .description(
      'Lint packs (what can be left out is proved), run their cases, and try their invariants on them.',
    )
    .argument(
      '[packs...]',
      'names of built-in packs, or pack folders; all built-in ones when none is given',
    )
    .option('--plan', 'say how the rules are compiled, and why')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'portcullis check',
        'portcullis check ./my-pack',
        'portcullis check --plan ./my-pack',
      ),
    )
    .action(async (packs: string[], flags: { json?: boolean; plan?: boolean }) => {
      const { checkCommand } = await import('./check.ts')
      code = await checkCommand(packs, flags, io)
    })

  program
    .command('packs')
    .description('List the packs, or show one with its rules and where they come from.')
    .argument('[pack]', 'name of a built-in pack, or a pack folder')
    .option(
      '--plain',
      'print the rules as plain json-rules-engine JSON, lists expanded: what is compiled',
    )
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'portcullis packs',
        'portcullis packs security-defaults',
        'portcullis packs security-defaults --plain',
      ),
    )
    .action(async (name: string | undefined, flags: { plain?: boolean; json?: boolean }) => {
      const { packsCommand } = await import('./packs.ts')
      code = packsCommand(name, flags, io)
    })

  addReplay(program, io, { pack, json, collect, examples }, (given) => (code = given))
  addVerify(program, io, { pack, json, collect, examples }, (given) => (code = given))
  addAttest(program, io, { json, collect, examples }, (given) => (code = given))
  addBundle(program, io, { json, collect, examples }, (given) => (code = given))
  addTokens(program, io, { json, examples }, (given) => (code = given))
  addOperations(program, io, { json, tokenFile, insecure, examples }, (given) => (code = given))
  addBench(program, io, { pack, json, examples }, (given) => (code = given))

  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage
    if (error instanceof UsageError) {
      io.err(`portcullis: ${error.message}\n`)
      return exit.usage
    }
    io.err(`portcullis: internal error: ${error instanceof Error ? error.stack : String(error)}\n`)
    return exit.internal
  }
}

type Asked = [file: string, flags: AskFlags, io: Io]

const collect = (value: string, before: readonly string[]) => [...before, value]

const examples = (...lines: readonly string[]) =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`

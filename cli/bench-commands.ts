import { InvalidArgumentError, Option, type Command } from 'commander'
import { didYouMean } from '../engine/fault.ts'
import { shapes } from '../bench/runs/shapes.ts'
import type { BenchCommand, BenchFlags } from './bench.ts'
import { UsageError, type Io } from './io.ts'

type Help = {
  readonly pack: () => Option
  readonly json: () => Option
  readonly examples: (...lines: readonly string[]) => string
}

/** `portcullis bench` and what it can measure. The modules that measure are loaded only when they are asked for. */
export function addBench(
  program: Command,
  io: Io,
  { pack, json, examples }: Help,
  done: (code: number) => void,
): void {
  const loadBench = () => import('./bench.ts')
  const measuring = (name: BenchCommand) => async (flags: BenchFlags, command: Command) => {
    const { benchCommand } = await loadBench()
    done(await benchCommand(name, command.args, flags, io))
  }
  const reporting = (command: Command) =>
    command
      .addOption(
        new Option(
          '--out <file>',
          'write a report: .html, .json, .xml (JUnit) or .md; may be repeated',
        ).argParser((file: string, before?: readonly string[]) => [...(before ?? []), file]),
      )
      .addOption(json())
  const seed = () =>
    new Option('--seed <n>', 'of all that is drawn by chance (default: 1)').argParser(whole)
  const asking = (command: Command) =>
    reporting(command)
      .addOption(pack())
      .option(
        '--profile <name or file>',
        'what is asked; `bench profiles` lists them (default: mixed)',
      )
      .addOption(seed())
  const aiming = (command: Command) =>
    asking(command)
      .option(
        '--target <url>',
        'a service that runs already; authzen:URL or cerbos:URL for others (default: a service of its own)',
      )
      .option('--token-file <file>', 'holds the token that the target wants of its callers')
      .option('--i-own-this-host', 'load another machine than this one')
      .option(
        '--p99 <time>',
        'how long 99 of 100 callers may wait at most, such as 5ms (default: 5ms)',
      )
  const limiting = (command: Command) =>
    command
      .option('--max-p99 <time>', 'exit with 1 where the p99 of an open loop is longer')
      .addOption(
        new Option(
          '--min-rate <n>',
          'exit with 1 where fewer requests a second are reached',
        ).argParser(positive),
      )
      .option(
        '--against <file>',
        'exit with 1 where figures are worse than in this earlier run (.json)',
      )
      .option('--threshold <share>', 'how much worse they may be (default: 5%)')

  const bench = program
    .command('bench')
    .description(
      'Size the service: what it can take, how soon it answers, what it costs. Every answer is checked.',
    )
    .addHelpText(
      'after',
      `${examples('portcullis bench --quick', 'portcullis bench load --shape spike --rate 2000')}\n\`portcullis bench\` alone is \`portcullis bench size\`; \`portcullis bench size --help\` shows its options.\n`,
    )

  limiting(aiming(bench.command('size', { isDefault: true })))
    .description('What the service can take, how soon it answers at half of that, what it costs.')
    .option('--quick', 'in less than a minute, instead of some four')
    .addHelpText(
      'after',
      examples(
        'portcullis bench --quick',
        'portcullis bench --p99 10ms --out report.html --out result.json',
        'portcullis bench --against result.json --threshold 10%',
      ),
    )
    .allowExcessArguments() // what is none of the others comes here
    .action(async (flags: BenchFlags, command: Command) => {
      const [given] = command.args
      if (given !== undefined) {
        const names = bench.commands.map((each) => each.name())
        const { hint } = didYouMean(given, names)
        throw new UsageError(
          `bench: expected ${names.join(', ')} or nothing, got ${JSON.stringify(given)}${hint ? ` (${hint})` : ''}`,
        )
      }
      await measuring('size')(flags, command)
    })

  limiting(aiming(bench.command('load')))
    .description('Ask at the rates of a shape.')
    .option('--shape <name>', 'how the load comes and goes, see below (default: load)')
    .addOption(
      new Option(
        '--rate <n>',
        'R, in requests a second (default: what a quick search finds that the service can take)',
      ).argParser(positive),
    )
    .addOption(
      new Option('--length <times>', "times the shape's own length, such as 0.1").argParser(
        positive,
      ),
    )
    .addHelpText('after', `\nShapes:\n${shapesText()}`)
    .addHelpText(
      'after',
      examples(
        'portcullis bench load --shape spike --rate 2000',
        'portcullis bench load --shape soak --length 0.1',
      ),
    )
    .action(measuring('load'))

  limiting(asking(bench.command('layers')))
    .description(
      'Where a microsecond goes: engine, worker thread, HTTP, and bare servers beside them.',
    )
    .addOption(new Option('--rounds <n>', 'of all layers in turn (default: 5)').argParser(whole))
    .addHelpText('after', examples('portcullis bench layers --rounds 9'))
    .action(measuring('layers'))

  const only = (example: string) =>
    new Option(
      '--only <row>',
      `measure this row, or those that begin so, such as ${example}; may be repeated`,
    ).argParser((row: string, before?: readonly string[]) => [...(before ?? []), row])
  const packing = (command: Command) => reporting(command).addOption(pack()).addOption(seed())

  packing(bench.command('service'))
    .description(
      'The targets of the decision path, each measured beside what it is compared with; some ten minutes.',
    )
    .addOption(only('auto'))
    .addOption(new Option('--rounds <n>', 'of all rows in turn (default: 5)').argParser(whole))
    .addHelpText(
      'after',
      examples(
        'portcullis bench service --out service.html',
        'portcullis bench service --only bare-node --only auto --rounds 9',
      ),
    )
    .action(measuring('service'))

  reporting(bench.command('verify'))
    .description(
      'The targets of the prover, each of fresh processes; every answer is checked. Some three minutes.',
    )
    .addOption(only('prove'))
    .addOption(seed())
    .addOption(new Option('--rounds <n>', 'processes for each row (default: 5)').argParser(whole))
    .addHelpText(
      'after',
      examples('portcullis bench verify', 'portcullis bench verify --only lint --rounds 9'),
    )
    .action(measuring('verify'))

  limiting(aiming(bench.command('overload')))
    .description(
      'Several times as much as the service can take: who is admitted, how soon, and when it recovers.',
    )
    .addOption(
      new Option('--times <n>', 'how many times what it can take (default: 3)').argParser(positive),
    )
    .option('--duration <time>', 'how long, such as 90s or 2m (default: 2m)')
    .addOption(
      new Option(
        '--rate <n>',
        'what it can take, in requests a second (default: what 64 connections are answered)',
      ).argParser(positive),
    )
    .addHelpText(
      'after',
      examples(
        'portcullis bench overload --duration 30s',
        'portcullis bench overload --times 5 --pack ./my-pack --out overload.html',
      ),
    )
    .action(measuring('overload'))

  packing(bench.command('soak'))
    .description(
      'A service at work for long, while its rule sets are swapped and its threads are ended; every answer is compared with that of the revision that it names.',
    )
    .option('--duration <time>', 'how long, such as 90s or 10m (default: 10m)')
    .option('--load <share>', 'of what it can take (default: 70%)')
    .addOption(
      new Option(
        '--rate <n>',
        'what it can take, in requests a second (default: what 64 connections are answered)',
      ).argParser(positive),
    )
    .option(
      '--swap-every <time>',
      'between two rule sets: the pack and another that comes with Portcullis (default: 2s)',
    )
    .option('--kill-every <time>', 'one of its worker threads, at once (default: 5s)')
    .option('--malformed <share>', 'of the requests (default: 1%)')
    .option('--listeners <n>', 'as for serve')
    .option('--threads <n>', 'as for serve')
    .option('--pool <where>', 'as for serve')
    .addHelpText(
      'after',
      examples(
        'portcullis bench soak --out soak.html',
        'portcullis bench soak --duration 1m --listeners 2 --pool pooled',
      ),
    )
    .action(measuring('soak'))

  asking(bench.command('peers'))
    .description(
      'The same decisions by Cerbos, json-rules-engine, Zen and Cedar over HTTP; some four minutes.',
    )
    .addOption(new Option('--rounds <n>', 'of all peers in turn (default: 5)').argParser(whole))
    .addHelpText('after', examples('portcullis bench peers --out peers.html'))
    .action(measuring('peers'))

  reporting(bench.command('transport'))
    .addOption(pack())
    .description(
      'Ways to bring questions to another thread and their answers back; about half a minute.',
    )
    .addOption(new Option('--rounds <n>', 'of all ways in turn (default: 7)').argParser(whole))
    .addHelpText('after', examples('portcullis bench transport --rounds 3'))
    .action(measuring('transport'))

  asking(bench.command('compare'))
    .description('Two services, packs or git revisions in pairs of runs; "." is this work tree.')
    .argument('<a>', 'a URL, a pack, a git revision, or .')
    .argument('<b>', 'the same')
    .addOption(
      new Option('--pairs <n>', 'runs of each, 10 at least (default: 20)').argParser(whole),
    )
    .addOption(new Option('--seconds <n>', 'of each run (default: 5)').argParser(positive))
    .option('--token-file <file>', 'holds the token that services of a URL want of their callers')
    .option('--i-own-this-host', 'load another machine than this one')
    .addHelpText(
      'after',
      examples(
        'portcullis bench compare HEAD~1 .',
        'portcullis bench compare security-defaults ./my-pack',
      ),
    )
    .action((_a: string, _b: string, flags: BenchFlags, command: Command) =>
      measuring('compare')(flags, command),
    )

  reporting(bench.command('truth'))
    .description(
      'Whether this harness tells the truth, of a server of known behaviour, with autocannon beside it; some nine minutes.',
    )
    .addOption(new Option('--seconds <n>', 'of each run (default: 6)').argParser(positive))
    .addHelpText('after', examples('portcullis bench truth', 'portcullis bench truth --seconds 3'))
    .action(measuring('truth'))

  reporting(bench.command('engine'))
    .description('Engines in process, against targets; about two minutes.')
    .addOption(pack())
    .option('--svg <file>', 'write the growth curve as an SVG chart')
    .addHelpText(
      'after',
      examples('portcullis bench engine', 'portcullis bench engine --svg growth.svg'),
    )
    .action(measuring('engine'))

  bench
    .command('profile')
    .description('Derive a profile from sign-in logs, without keeping names.')
    .argument('<logs...>', 'log files, as `portcullis replay` reads them')
    .option('--name <name>', 'of the profile')
    .addOption(
      new Option(
        '--users-at-least <n>',
        'kinds of fewer users become like others (default: 5)',
      ).argParser(whole),
    )
    .addOption(pack())
    .addHelpText(
      'after',
      examples(
        'portcullis bench profile signins.json > mine.json',
        'portcullis bench --profile mine.json',
      ),
    )
    .action(async (logs: string[], flags: BenchFlags) => {
      const { benchProfileCommand } = await loadBench()
      done(await benchProfileCommand(logs, flags, io))
    })

  bench
    .command('profiles')
    .description('List the profiles.')
    .addOption(json())
    .action(async (flags: BenchFlags) => {
      const { benchProfilesCommand } = await loadBench()
      done(benchProfilesCommand(flags, io))
    })

  reporting(bench.command('report'))
    .description('Show an earlier run again, or write it as another report.')
    .argument('<file>', 'what `--json` printed, or `--out FILE.json` wrote')
    .addHelpText('after', examples('portcullis bench report result.json --out report.html'))
    .action(async (file: string, flags: BenchFlags) => {
      const { benchReportCommand } = await loadBench()
      done(await benchReportCommand(file, flags, io))
    })
}

function shapesText(): string {
  return Object.entries(shapes)
    .map(([name, { description, stages }]) => {
      const seconds = stages.reduce((sum, [each]) => sum + each, 0)
      return `  ${name.padEnd(10)}  ${String(seconds).padStart(5)} s  ${description}\n`
    })
    .join('')
}

function whole(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('Expected a whole number of at least 1.')
  return value
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError('Expected a number above 0.')
  return value
}

import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { faultText, parsePack, type Pack } from '../engine/index.ts'
import { packFolder, readPack } from '../rules/index.ts'
import { growthChart } from './engine/chart.ts'
import { engineReport } from './engine/engine-report.ts'
import { benchEngine } from './engine/engine.ts'
import { httpReport } from './http-report.ts'
import { benchHttp } from './http.ts'

type Options = {
  readonly pack: string
  readonly json?: true
  readonly svg?: string
  readonly seconds: number
  readonly connections: number
}

const program = new Command('bench').description(
  'Measures deciding in process and the service over loopback; every answer is checked.',
)

const withEngine = (command: Command) =>
  command.option('--svg <file>', 'write the growth curve as an SVG chart')
const withHttp = (command: Command) =>
  command
    .option('--seconds <n>', 'length of the measured run over HTTP', whole, 10)
    .option('--connections <n>', 'connections kept busy', whole, 64)
const command = (name: string, description: string) =>
  program
    .command(name, { isDefault: name === 'all' })
    .description(description)
    .option('--pack <name>', 'a built-in pack', 'security-defaults')
    .option('--json', 'print JSON')

withEngine(command('engine', 'compare engines in process, against targets; about two minutes'))
  .addHelpText('after', examples('engine', 'engine --svg growth.svg', 'engine --json'))
  .action((options: Options) => run(options, ['engine']))
withHttp(command('http', 'ask a service of its own over loopback'))
  .addHelpText('after', examples('http', 'http --seconds 30 --connections 128'))
  .action((options: Options) => run(options, ['http']))
withHttp(withEngine(command('all', 'both, one after the other')))
  .addHelpText('after', examples('', '--pack security-defaults-current --json'))
  .action((options: Options) => run(options, ['engine', 'http']))
program.addHelpText('after', examples('', 'engine --svg growth.svg', 'http --seconds 30'))

await program.parseAsync()

async function run(options: Options, parts: readonly ('engine' | 'http')[]): Promise<void> {
  const pack = packNamed(options.pack)
  if (pack === undefined) return
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    pack: options.pack,
    revision: pack.ruleSet.revision,
  }
  try {
    const engine = parts.includes('engine') ? await benchEngine(pack, progress) : undefined
    progress('')
    if (engine && options.svg !== undefined) writeFileSync(options.svg, growthChart(engine.growth))
    const http = parts.includes('http') ? await benchHttp(pack, options) : undefined
    if (options.json) console.log(JSON.stringify({ machine, engine, http }, null, 2))
    else {
      const { processor, cores, node, revision } = machine
      console.log(`${machine.pack} ${revision}\n${processor}, ${cores} cores, Node.js ${node}`)
      if (engine) console.log(`\n${engineReport(engine)}`)
      if (http) console.log(`\n${httpReport(http)}`)
    }
    for (const each of http?.wrong ?? []) console.error(`wrong: ${each}`)
    const failed = engine?.verdicts.some(({ met }) => !met) === true
    if (failed || (http && http.wrong.length + http.errors > 0)) process.exitCode = 1
  } catch (error) {
    progress('')
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

function packNamed(name: string): Pack | undefined {
  const folder = packFolder(name)
  const pack = folder === undefined ? undefined : parsePack(readPack(folder))
  if (pack !== undefined && !pack.faults) return pack
  console.error(pack ? pack.faults.map(faultText).join('\n') : `no pack ${JSON.stringify(name)}`)
  process.exitCode = 2
}

/** One line that is written over, where somebody watches. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
}

function whole(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 3_600)
    throw new InvalidArgumentError('expected a whole number from 1 to 3600')
  return value
}

function examples(...given: readonly string[]): string {
  const lines = given.map((each) => `  npm run bench${each === '' ? '' : ` -- ${each}`}`)
  return `\nExamples:\n${lines.join('\n')}`
}

import { accessSync, constants, existsSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  allRight,
  benchDocument,
  benchmarks,
  formats,
  growthChart,
  jsonReport,
  microseconds,
  Misuse,
  profileNames,
  profileOfLog,
  readDocument,
  readProfile,
  reportFor,
  seconds,
  shapeNames,
  share,
  terminalReport,
  textOf,
  type Asked,
  type BenchDocument,
  type ShapeName,
} from '../bench/index.ts'
import { settings } from '../server/settings.ts'
import { exit, plural, table, UsageError, type Io } from './io.ts'
import { mustLoadPack } from './load-pack.ts'

/** Flags as commander gives them; those that a command does not have are missing. */
export type BenchFlags = {
  readonly pack?: string
  readonly profile?: string
  readonly seed?: number
  readonly target?: string
  readonly tokenFile?: string
  readonly iOwnThisHost?: boolean
  readonly quick?: boolean
  readonly p99?: string
  readonly maxP99?: string
  readonly minRate?: number
  readonly against?: string
  readonly threshold?: string
  readonly shape?: string
  readonly rate?: number
  readonly length?: number
  readonly rounds?: number
  readonly pairs?: number
  readonly seconds?: number
  readonly svg?: string
  readonly only?: readonly string[]
  readonly times?: number
  readonly duration?: string
  readonly load?: string
  readonly swapEvery?: string
  readonly killEvery?: string
  readonly malformed?: string
  readonly listeners?: string
  readonly threads?: string
  readonly pool?: string
  readonly out?: readonly string[]
  readonly json?: boolean
}

type Watch = { readonly signal: AbortSignal; readonly progress: (text: string) => void }

/** What each command measures. */
const commands = {
  size: (asked: Asked, flags: BenchFlags, watch: Watch) =>
    benchmarks.size(asked, { quick: flags.quick === true, limitUs: limitOf(flags) }, watch),
  load: (asked: Asked, flags: BenchFlags, watch: Watch) => {
    const { shape = 'load', rate, length = 1 } = flags
    const options = { shape: shapeOf(shape), length, limitUs: limitOf(flags) }
    return benchmarks.load(
      asked,
      rate === undefined ? options : { ...options, perSecond: rate },
      watch,
    )
  },
  layers: (asked: Asked, flags: BenchFlags, watch: Watch) =>
    benchmarks.layers(asked, given(flags, 'rounds'), watch),
  peers: (asked: Asked, flags: BenchFlags, watch: Watch) =>
    benchmarks.peers(asked, given(flags, 'rounds'), watch),
  transport: (asked: Asked, flags: BenchFlags, watch: Watch) =>
    benchmarks.transport(asked, given(flags, 'rounds'), watch),
  compare: (asked: Asked, flags: BenchFlags, watch: Watch, [a = '', b = '']: readonly string[]) =>
    benchmarks.compare(asked, [a, b], given(flags, 'pairs', 'seconds'), watch),
  truth: (asked: Asked, { seconds: each = 6 }: BenchFlags, watch: Watch) =>
    benchmarks.truth(asked, each, watch),
  service: (asked: Asked, flags: BenchFlags, watch: Watch) =>
    benchmarks.service(asked, given(flags, 'rounds', 'only'), watch),
  verify: (asked: Asked, flags: BenchFlags, watch: Watch) =>
    benchmarks.verify(asked, given(flags, 'rounds', 'only'), watch),
  overload: (asked: Asked, { times = 3, duration = '2m', rate }: BenchFlags, watch: Watch) =>
    benchmarks.overload(
      asked,
      {
        times,
        seconds: seconds(duration, '--duration'),
        ...(rate !== undefined && { perSecond: rate }),
      },
      watch,
    ),
  soak: (asked: Asked, flags: BenchFlags, watch: Watch) => {
    const { rate, load = '70%', malformed = '1%' } = flags
    const plan = {
      seconds: seconds(flags.duration ?? '10m', '--duration'),
      load: share(load, '--load'),
      swapEverySeconds: seconds(flags.swapEvery ?? '2s', '--swap-every'),
      killEverySeconds: seconds(flags.killEvery ?? '5s', '--kill-every'),
      malformed: share(malformed, '--malformed'),
      flags: given(flags, 'listeners', 'threads', 'pool'),
      ...(rate !== undefined && { perSecond: rate }),
    }
    return benchmarks.soak(asked, plan, watch)
  },
  engine: (asked: Asked, _: BenchFlags, watch: Watch) => benchmarks.engine(asked, watch),
} as const

/** The flags of these names that were given. */
const given = <N extends keyof BenchFlags>(flags: BenchFlags, ...names: readonly N[]) =>
  Object.fromEntries(
    names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  ) as {
    readonly [M in N]?: Exclude<BenchFlags[M], undefined>
  }

export type BenchCommand = keyof typeof commands

/** `portcullis bench …`: measures, prints what was found, and ends with 1 where something is not as it was to be. */
export async function benchCommand(
  name: BenchCommand,
  args: readonly string[],
  flags: BenchFlags,
  io: Io,
): Promise<number> {
  return misuseAsUsage(async () => {
    const outputs = outputsOf(flags)
    const limits = {
      threshold: share(flags.threshold ?? '5%', '--threshold'),
      ...(flags.maxP99 !== undefined && { maxP99Us: microseconds(flags.maxP99, '--max-p99') }),
      ...(flags.minRate !== undefined && { minPerSecond: flags.minRate }),
      ...(flags.against !== undefined && { against: flags.against }),
    }
    const asked = askedOf(flags, io)
    const { watch, end } = watching(io)
    try {
      const document = await benchDocument(
        { asked, command: commandLine(name, args, flags), limits, signal: watch.signal },
        () => commands[name](asked, flags, watch, args),
      )
      end()
      return show(document, outputs, flags, io)
    } catch (error) {
      end()
      if (!watch.signal.aborted || !(error instanceof Misuse)) throw error
      io.err(`${error.message}\n`)
      return exit.findings
    } finally {
      end()
    }
  })
}

/** `portcullis bench report FILE`: an earlier run again, as text or as other files. */
export function benchReportCommand(file: string, flags: BenchFlags, io: Io): Promise<number> {
  return misuseAsUsage(() => {
    const outputs = outputsOf(flags)
    return Promise.resolve(show(documentIn(file), outputs, flags, io))
  })
}

/** `portcullis bench profile LOG…`: what a log asks for, as a profile without anybody's name. */
export function benchProfileCommand(
  logs: readonly string[],
  flags: BenchFlags & { readonly name?: string; readonly usersAtLeast?: number },
  io: Io,
): Promise<number> {
  return misuseAsUsage(() => {
    const { ruleSet } = mustLoadPack(flags.pack, io)
    const files = logs.map((name) => ({ name, text: textOf(name) }))
    const { profile, report } = profileOfLog(files, {
      ruleSets: [ruleSet],
      ...(flags.name !== undefined && { name: flags.name }),
      ...(flags.usersAtLeast !== undefined && { usersAtLeast: flags.usersAtLeast }),
    })
    const { rows, signIns, users, kinds, usersAtLeast, rare } = report
    io.err(
      `${plural(rows, 'row')}: ${plural(signIns, 'sign-in')} of ${plural(users, 'user')}, ${plural(kinds, 'kind')}\n` +
        `${rare.signIns} sign-ins of kinds with fewer than ${usersAtLeast} users were made like others\n` +
        report.givenUp.map(({ fact, signIns }) => `  ${signIns} gave up ${fact}\n`).join('') +
        report.unmapped
          .map(({ what, rows }) => `  ${plural(rows, 'row')} left out: ${what}\n`)
          .join(''),
    )
    if (profile === undefined) {
      io.err('no row is a sign-in that can be decided, so there is no profile\n')
      return Promise.resolve(exit.findings)
    }
    io.out(`${JSON.stringify(profile, null, 2)}\n`)
    return Promise.resolve(exit.ok)
  })
}

/** `portcullis bench profiles`: what can be asked. */
export function benchProfilesCommand(flags: BenchFlags, io: Io): number {
  const profiles = profileNames().flatMap((name) => {
    const profile = readProfile(name)
    return profile.faults ? [] : [{ name, description: profile.description }]
  })
  io.out(
    flags.json
      ? `${JSON.stringify(profiles, null, 2)}\n`
      : table(profiles.map(({ name, description }) => [name, description])),
  )
  return exit.ok
}

function askedOf(flags: BenchFlags, io: Io): Asked {
  const from = flags.pack ?? (io.env[settings.pack.env] || settings.pack.default)
  return {
    pack: mustLoadPack(from, io),
    from,
    profile: flags.profile ?? 'mixed',
    seed: flags.seed ?? 1,
    iOwnThisHost: flags.iOwnThisHost === true,
    ...(flags.target !== undefined && { target: flags.target }),
    ...(flags.tokenFile !== undefined && { tokenFile: flags.tokenFile }),
  }
}

function shapeOf(text: string): ShapeName {
  const shape = shapeNames.find((name) => name === text)
  if (shape === undefined)
    throw new UsageError(
      `--shape: expected one of ${shapeNames.join(', ')}, got ${JSON.stringify(text)}`,
    )
  return shape
}

const limitOf = ({ p99 = '5ms' }: BenchFlags): number => microseconds(p99, '--p99')

/** The first Ctrl-C, or SIGTERM of whoever runs this, ends what is measured, and it is shown; the second ends all. */
function watching(io: Io): { readonly watch: Watch; readonly end: () => void } {
  const stopped = new AbortController()
  const progress = (text: string) => {
    if (io.terminal) io.err(`\r\u001B[K${text}`)
  }
  const interrupt = () => {
    if (stopped.signal.aborted) process.exit(exit.findings)
    stopped.abort()
    io.err('\nending: what was measured so far is shown; Ctrl-C again ends at once\n')
  }
  for (const signal of signals) process.on(signal, interrupt)
  return {
    watch: { signal: stopped.signal, progress },
    end: () => {
      progress('')
      for (const signal of signals) process.removeListener(signal, interrupt)
    },
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const

type Output = { readonly file: string; readonly text: (document: BenchDocument) => string }

/** What is to be written where; files that can't be written are named before anything is measured. */
function outputsOf({ out = [], svg }: BenchFlags): readonly Output[] {
  const outputs = out.map((file) => ({ file, text: mustReport(file) }))
  const chart = (document: BenchDocument): string => {
    const engine = document.parts.find((part) => part.kind === 'engine')
    return engine ? growthChart(engine.result.growth) : ''
  }
  const all = svg === undefined ? outputs : [...outputs, { file: svg, text: chart }]
  for (const { file } of all) {
    try {
      accessSync(existsSync(file) ? file : dirname(file), constants.W_OK)
    } catch (error) {
      throw new UsageError(`can't write ${file}: ${(error as Error).message}`)
    }
  }
  return all
}

/** Shows first, and then writes every file that can be written: what was measured is not lost with one of them. */
function show(
  document: BenchDocument,
  outputs: readonly Output[],
  { json }: BenchFlags,
  io: Io,
): number {
  io.out(
    json
      ? jsonReport(document)
      : terminalReport(document, { colours: io.terminal, width: process.stdout.columns ?? 120 }),
  )
  const failures = outputs.flatMap(({ file, text }) => {
    try {
      writeFileSync(file, text(document))
      return []
    } catch (error) {
      return [`can't write ${file}: ${(error as Error).message}`]
    }
  })
  if (failures.length > 0) throw new UsageError(failures.join('\nportcullis: '))
  return allRight(document) ? exit.ok : exit.findings
}

/** Files are named in reports by what they are, not by where they lie. */
function commandLine(name: BenchCommand, args: readonly string[], flags: BenchFlags): string {
  const { out: _, json: __, svg: ___, ...asked } = flags
  const given = Object.entries(asked).flatMap(([flag, value]) => {
    const option = `--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    return value === true ? [option] : [option, plain(String(value))]
  })
  return [
    'portcullis',
    'bench',
    ...(name === 'size' ? [] : [name]),
    ...args.map(plain),
    ...given,
  ].join(' ')
}

const plain = (text: string) => (/^[a-z]+:/.test(text) ? text : text.replace(/^.*[/\\](?=.)/, ''))

function mustReport(file: string): (document: BenchDocument) => string {
  const report = reportFor(file)
  if (report === undefined)
    throw new UsageError(
      `--out ${file}: expected a name that ends with ${Object.keys(formats).join(', ')}`,
    )
  return report
}

function documentIn(file: string): BenchDocument {
  const text = textOf(file)
  try {
    return readDocument(text, file)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function misuseAsUsage(run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Misuse) throw new UsageError(error.message)
    throw error
  }
}

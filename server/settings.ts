import { mostOfBatches } from '../engine/index.ts'

/** The one table of settings: name, environment variable, type, default, help. Flags, help text and docs follow from it. */
export type Setting = {
  readonly env: string
  readonly help: string
} & (
  | { readonly type: 'text'; readonly default: string }
  | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
  | { readonly type: 'flag'; readonly default: boolean }
  | {
      readonly type: 'integer'
      readonly default: number
      readonly min: number
      readonly max: number
    }
)

export const settings = {
  pack: text(
    'PORTCULLIS_PACK',
    'security-defaults',
    'name of a built-in pack, or path of a pack folder',
  ),
  host: text('PORTCULLIS_HOST', '127.0.0.1', 'address to listen on'),
  port: integer('PORTCULLIS_PORT', 8181, 0, 65_535, 'port to listen on; 0 picks a free one'),
  insecure: flag(
    'PORTCULLIS_INSECURE',
    'listen beyond loopback although callers are not authenticated',
  ),
  listeners: integer(
    'PORTCULLIS_LISTENERS',
    1,
    1,
    64,
    'threads that talk HTTP, all on the one port; more than 1 needs Linux or FreeBSD',
  ),
  threads: integer(
    'PORTCULLIS_THREADS',
    0,
    0,
    256,
    'worker threads that decide; 0 for one less than there are cores',
  ),
  pool: choice(
    'PORTCULLIS_POOL',
    'auto',
    ['auto', 'inline', 'pooled'],
    'where a single sign-in is decided: inline, on the thread that read it; pooled, on a worker thread; auto, inline while decisions are cheap or few, and when all worker threads are busy',
  ),
  bodyLimit: integer(
    'PORTCULLIS_BODY_LIMIT',
    65_536,
    256,
    1_048_576,
    'bytes that one sign-in may have',
  ),
  batchBodyLimit: integer(
    'PORTCULLIS_BATCH_BODY_LIMIT',
    8_388_608,
    256,
    268_435_456,
    'bytes that a batch may have',
  ),
  batchLimit: integer(
    'PORTCULLIS_BATCH_LIMIT',
    5_000,
    1,
    100_000,
    'sign-ins that a batch may have',
  ),
  batchBytesLimit: integer(
    'PORTCULLIS_BATCH_BYTES_LIMIT',
    67_108_864,
    256,
    17_179_869_184,
    'bytes of batches that may be read or decided at once, shared out among the listeners; beyond it callers get 503',
  ),
  queueLimit: integer(
    'PORTCULLIS_QUEUE_LIMIT',
    20_000,
    1,
    1_000_000,
    'sign-ins that may wait, those of batches at most three quarters of it; beyond it callers get 503',
  ),
  decisionTimeout: integer(
    'PORTCULLIS_DECISION_TIMEOUT',
    2_000,
    10,
    60_000,
    'milliseconds that a batch may wait, and then that a worker thread may take, before callers get 503; single sign-ins wait less, and none five times as long',
  ),
  waitLimit: integer(
    'PORTCULLIS_WAIT_LIMIT',
    30,
    0,
    10_000,
    'milliseconds that a request may wait for the thread that reads it, half for batches, and then a single sign-in for one that decides it, before callers get 503; five times as long in a burst; 0 for no such limit',
  ),
  maxConnections: integer(
    'PORTCULLIS_MAX_CONNECTIONS',
    1_024,
    1,
    1_000_000,
    'connections that a listener keeps; further ones are closed at once',
  ),
  headersTimeout: integer(
    'PORTCULLIS_HEADERS_TIMEOUT',
    5_000,
    100,
    60_000,
    'milliseconds that the headers of a request may take',
  ),
  requestTimeout: integer(
    'PORTCULLIS_REQUEST_TIMEOUT',
    10_000,
    100,
    3_600_000,
    'milliseconds that the body of a sign-in or a batch may take, and then that taking the answer may',
  ),
  idleTimeout: integer(
    'PORTCULLIS_IDLE_TIMEOUT',
    30_000,
    100,
    3_600_000,
    'milliseconds for which nothing may move on a connection with a request under way; a stream that moves may last',
  ),
  keepAliveTimeout: integer(
    'PORTCULLIS_KEEP_ALIVE_TIMEOUT',
    30_000,
    0,
    600_000,
    'milliseconds that a connection is kept with no request under way',
  ),
  stopDelay: integer(
    'PORTCULLIS_STOP_DELAY',
    0,
    0,
    600_000,
    'milliseconds from when a stop turns readiness off until nothing is accepted any more, for load balancers to notice',
  ),
  stopTimeout: integer(
    'PORTCULLIS_STOP_TIMEOUT',
    10_000,
    0,
    600_000,
    'milliseconds that a stop waits for requests under way',
  ),
} as const satisfies Readonly<Record<string, Setting>>

export type SettingName = keyof typeof settings
export type Settings = {
  readonly [N in SettingName]: (typeof settings)[N]['type'] extends 'text'
    ? string
    : (typeof settings)[N] extends { readonly choices: readonly (infer C)[] }
      ? C
      : (typeof settings)[N]['type'] extends 'flag'
        ? boolean
        : number
}

function text(env: string, value: string, help: string) {
  return { type: 'text', env, default: value, help } as const
}

function choice<const C extends string>(
  env: string,
  value: NoInfer<C>,
  choices: readonly C[],
  help: string,
) {
  return { type: 'choice', env, default: value, choices, help } as const
}

function flag(env: string, help: string) {
  return { type: 'flag', env, default: false, help } as const
}

function integer(env: string, value: number, min: number, max: number, help: string) {
  return { type: 'integer', env, default: value, min, max, help } as const
}

/** Settings from flags (they win), the environment, and the defaults; or what is wrong with which of them. */
export function readSettings(
  flags: Readonly<Record<string, string | boolean | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly settings: Settings } | { readonly faults: readonly string[] } {
  const faults: string[] = []
  const values = Object.entries(settings).map(([name, setting]) => {
    const [given, from] =
      flags[name] !== undefined
        ? [flags[name], flagOf(name)]
        : [environment[setting.env], setting.env]
    if (given === undefined || given === '') return [name, setting.default]
    const value = parse(setting, given)
    if (value === undefined)
      faults.push(`${from}: expected ${expected(setting)}, got ${JSON.stringify(given)}`)
    return [name, value ?? setting.default]
  })
  const read = Object.fromEntries(values) as Settings
  const mostBatched = mostOfBatches(read.queueLimit)
  if (read.batchLimit > mostBatched)
    faults.push(
      `${flagOf('batchLimit')}: expected at most ${mostBatched}, the part of the queue limit of ${read.queueLimit} that batches may take, got ${read.batchLimit}`,
    )
  if (read.batchBodyLimit > read.batchBytesLimit)
    faults.push(
      `${flagOf('batchBodyLimit')}: expected at most the limit of all batches, ${read.batchBytesLimit}, got ${read.batchBodyLimit}`,
    )
  return faults.length > 0 ? { faults } : { settings: read }
}

/** `--body-limit` for `bodyLimit`. */
export const flagOf = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

function parse(setting: Setting, given: string | boolean): string | number | boolean | undefined {
  switch (setting.type) {
    case 'text':
      return given === '' || typeof given === 'boolean' ? undefined : given
    case 'choice':
      return setting.choices.find((choice) => choice === given)
    case 'flag':
      if (given === true || given === 'true' || given === '1') return true
      return given === false || given === 'false' || given === '0' ? false : undefined
    case 'integer': {
      const value = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : Number.NaN
      return value >= setting.min && value <= setting.max ? value : undefined
    }
  }
}

function expected(setting: Setting): string {
  switch (setting.type) {
    case 'text':
      return 'a text'
    case 'choice':
      return `one of ${setting.choices.join(', ')}`
    case 'flag':
      return 'true or false'
    case 'integer':
      return `a whole number from ${setting.min} to ${setting.max}`
  }
}

/** Environment variables that look like settings and are none: surely misspelt. */
export function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const known = new Set(Object.values(settings).map(({ env }): string => env))
  return Object.keys(environment).filter(
    (name) => name.startsWith('PORTCULLIS_') && !known.has(name),
  )
}

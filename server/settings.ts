import { scopes } from './access/scopes.ts'
import {
  choice,
  flag,
  integer,
  list,
  number,
  path,
  secret,
  text,
  url,
  type Rows,
  type Value,
} from './settings/row.ts'

/*
 * The one table of settings, by area. Flags, variables, the settings file with its schema, help and docs/settings.md follow from it.
 * `settings/read.ts` reads what was given; that is not imported here, since every command reads the table for its help.
 */

const rules = {
  pack: path(
    'PORTCULLIS_PACK',
    'security-defaults',
    'name of a built-in pack, or path of a pack folder',
    {
      names: true,
    },
  ),
  watch: flag(
    'PORTCULLIS_WATCH',
    'let the files of the pack and of all that it extends decide as soon as they change and pass their own test',
  ),
  proof: choice(
    'PORTCULLIS_PROOF',
    'required',
    ['required', 'warn', 'off'],
    'what becomes of a rule set whose invariants are not all proved for every sign-in: it does not go live, it does and the log warns, or nothing is proved',
  ),
  proofTimeout: number(
    'PORTCULLIS_PROOF_TIMEOUT',
    60,
    0.001,
    3_600,
    'seconds that proving a rule set may take; what is not proved by then is unknown',
  ),
  requireAttestation: flag(
    'PORTCULLIS_REQUIRE_ATTESTATION',
    'let no rule set decide without an attestation of what was proved of it (pack.attestation, made by portcullis attest)',
  ),
  attestationKey: list(
    'PORTCULLIS_ATTESTATION_KEY',
    [],
    'files with the public keys that are trusted to sign attestations',
  ),
  state: path(
    'PORTCULLIS_STATE',
    undefined,
    'folder in which rule sets that have decided, and the last good bundle, are kept over a restart',
  ),
  keepRevisions: integer(
    'PORTCULLIS_KEEP_REVISIONS',
    10,
    1,
    1_000,
    'rule sets that are kept to go back to, the one that decides among them',
  ),
} as const satisfies Rows

const shadow = {
  shadow: path(
    'PORTCULLIS_SHADOW',
    undefined,
    'a pack that decides beside the live one, by name or path; only what it decides otherwise is told',
    { names: true },
  ),
  shadowLog: path(
    'PORTCULLIS_SHADOW_LOG',
    undefined,
    'file to which a line goes for each difference; rotated and masked as the decision log is (max bytes, keep, mask)',
  ),
} as const satisfies Rows

const bundles = {
  bundle: path(
    'PORTCULLIS_BUNDLE',
    undefined,
    'signed bundle to decide by, pulled again and again, instead of a pack',
    { urls: ['http', 'https', 's3'] },
  ),
  bundleKey: list(
    'PORTCULLIS_BUNDLE_KEY',
    [],
    'files with the public keys that are trusted to sign bundles',
  ),
  bundlePack: text(
    'PORTCULLIS_BUNDLE_PACK',
    '',
    'id of the pack that bundles have to be; else that of the first that was taken',
  ),
  bundlePoll: integer(
    'PORTCULLIS_BUNDLE_POLL',
    60,
    1,
    86_400,
    'seconds between pulls; longer after failures',
  ),
  bundleTimeout: integer('PORTCULLIS_BUNDLE_TIMEOUT', 30, 1, 600, 'seconds that a pull may take'),
  bundleToken: secret(
    'PORTCULLIS_BUNDLE_TOKEN',
    'bearer token that is sent to the URL of the bundle',
  ),
  allowRollback: flag(
    'PORTCULLIS_ALLOW_ROLLBACK',
    'take a bundle although its number is lower than that of one before',
  ),
} as const satisfies Rows

const listening = {
  host: text('PORTCULLIS_HOST', '127.0.0.1', 'address to listen on'),
  port: integer('PORTCULLIS_PORT', 8181, 0, 65_535, 'port to listen on; 0 picks a free one'),
  socket: path(
    'PORTCULLIS_SOCKET',
    undefined,
    'unix socket to listen on, instead of an address and a port; its mode says who may connect',
  ),
  socketMode: text('PORTCULLIS_SOCKET_MODE', '600', 'mode of the unix socket', {
    pattern: /^0?[0-7]{3}$/,
    words: 'a file mode like 600 or 660',
  }),
  tlsCert: path(
    'PORTCULLIS_TLS_CERT',
    undefined,
    'certificate with which to talk TLS, and those of its issuers behind it, PEM; read anew when it changes',
  ),
  tlsKey: path('PORTCULLIS_TLS_KEY', undefined, 'key of that certificate, PEM'),
  insecure: flag(
    'PORTCULLIS_INSECURE',
    'listen beyond loopback although callers show no credentials',
  ),
  maxConnections: integer(
    'PORTCULLIS_MAX_CONNECTIONS',
    1_024,
    1,
    1_000_000,
    'connections that a listener keeps; further ones are closed at once',
  ),
} as const satisfies Rows

const asking = {
  tokens: path(
    'PORTCULLIS_TOKENS',
    undefined,
    'tokens file; callers have to show a token of it, wherever they ask from (see portcullis tokens)',
  ),
  jwksUrl: url(
    'PORTCULLIS_JWKS_URL',
    undefined,
    ['https', 'http'],
    'where the keys are of the issuer whose JWTs callers may show (a JSON Web Key Set); http only on loopback',
  ),
  jwtIssuer: text('PORTCULLIS_JWT_ISSUER', '', 'issuer of JWTs: what their `iss` has to be'),
  jwtAudience: list(
    'PORTCULLIS_JWT_AUDIENCE',
    [],
    'this service as JWTs name it: one of these has to be in their `aud`',
  ),
  jwtAlgorithms: list(
    'PORTCULLIS_JWT_ALGORITHMS',
    ['RS256', 'ES256', 'EdDSA'],
    'algorithms by which JWTs may be signed',
    'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' '),
  ),
  jwtClockTolerance: integer(
    'PORTCULLIS_JWT_CLOCK_TOLERANCE',
    30,
    0,
    600,
    'seconds by which the clock of the issuer may be wrong',
  ),
  tlsClientCa: path(
    'PORTCULLIS_TLS_CLIENT_CA',
    undefined,
    'CA whose certificates callers may show instead of a token, PEM',
  ),
  tlsClientScopes: list(
    'PORTCULLIS_TLS_CLIENT_SCOPES',
    [],
    'scopes of certificates of that CA of which the tokens file says nothing else',
    scopes,
  ),
  rateLimit: integer(
    'PORTCULLIS_RATE_LIMIT',
    0,
    0,
    1_000_000,
    'requests a second that a credential may make which has no limit of its own, shared out among the listeners; of all callers together where they show none; 0 for any number',
  ),
  hosts: list(
    'PORTCULLIS_HOSTS',
    [],
    'names that the Host header may have beside those of loopback; any other is refused on loopback without credentials, and wherever this is set',
  ),
} as const satisfies Rows

const threads = {
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
} as const satisfies Rows

const sizes = {
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
} as const satisfies Rows

const times = {
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
} as const satisfies Rows

const stops = {
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
} as const satisfies Rows

const decisionLog = {
  decisionLog: path('PORTCULLIS_DECISION_LOG', 'none', 'where an entry goes for each decision', {
    words: ['none', 'stdout'],
  }),
  decisionLogFsync: choice(
    'PORTCULLIS_DECISION_LOG_FSYNC',
    'interval',
    ['never', 'interval', 'answer'],
    'when entries are put on the disk: never, which leaves it to the system; interval, every second; answer, before the answer is sent',
  ),
  decisionLogOnFull: choice(
    'PORTCULLIS_DECISION_LOG_ON_FULL',
    'block',
    ['block', 'drop', 'deny'],
    'what happens when entries come faster than they are written: block, callers wait, at most for the decision timeout, and then get 503; drop, there is no entry; deny, callers get 503 at once',
  ),
  decisionLogBuffer: integer(
    'PORTCULLIS_DECISION_LOG_BUFFER',
    8_388_608,
    65_536,
    268_435_456,
    'bytes of entries that may wait in memory, shared out among the listeners; at least the body limit and 65536 more for each listener',
  ),
  decisionLogMaxBytes: integer(
    'PORTCULLIS_DECISION_LOG_MAX_BYTES',
    268_435_456,
    0,
    1_099_511_627_776,
    'bytes after which the file becomes FILE.1 and a new one is begun; 0 for never',
  ),
  decisionLogKeep: integer(
    'PORTCULLIS_DECISION_LOG_KEEP',
    8,
    1,
    10_000,
    'files FILE.1, FILE.2, … that are kept',
  ),
  decisionLogMask: list(
    'PORTCULLIS_DECISION_LOG_MASK',
    [],
    'JSON pointers to what entries leave out of sign-ins, such as /envelope/ipAddress',
  ),
} as const satisfies Rows

const file = {
  config: path(
    'PORTCULLIS_CONFIG',
    undefined,
    'settings file, JSON; all but this one may stand in it',
  ),
} as const satisfies Rows

const sight = {
  logFormat: choice(
    'PORTCULLIS_LOG_FORMAT',
    'text',
    ['text', 'json'],
    'how the lines for the operator are written: text, or JSON with level and time',
  ),
  logLevel: choice(
    'PORTCULLIS_LOG_LEVEL',
    'info',
    ['info', 'warn', 'error'],
    'the least that is written of them',
  ),
  otlpEndpoint: url(
    'PORTCULLIS_OTLP_ENDPOINT',
    undefined,
    ['http', 'https'],
    'where traces of decisions are sent, by OTLP over HTTP, to v1/traces below it; nowhere if not set',
  ),
  traceRatio: number(
    'PORTCULLIS_TRACE_RATIO',
    0.01,
    0,
    1,
    'part of the decisions that are traced whose callers do not say by traceparent whether they are',
  ),
} as const satisfies Rows

/** By area, in the order of help and docs. */
export const areas: Readonly<Record<string, Rows>> = {
  'The rules': rules,
  'The shadow': shadow,
  Bundles: bundles,
  'Where it listens': listening,
  'Who may ask': asking,
  Threads: threads,
  'Sizes and queues': sizes,
  Times: times,
  Stops: stops,
  'The decision log': decisionLog,
  'Logs and traces': sight,
  'The settings file': file,
}

export const settings = {
  ...rules,
  ...shadow,
  ...bundles,
  ...listening,
  ...asking,
  ...threads,
  ...sizes,
  ...times,
  ...stops,
  ...decisionLog,
  ...sight,
  ...file,
}

export type SettingName = keyof typeof settings
export type Settings = { readonly [N in SettingName]: Value<(typeof settings)[N]> }

export { exposure } from './settings/exposure.ts'
export { fileOf, flagOf } from './settings/names.ts'
export type { Setting } from './settings/row.ts'

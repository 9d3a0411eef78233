import { flushCompileCache } from 'node:module'
import { selfTest } from '../engine/index.ts'
import {
  flagOf,
  gateOf,
  isLoopback,
  logTo,
  LogUnusable,
  needsCredentials,
  needsInsecure,
  NoBundle,
  openBundles,
  proofTimer,
  prove,
  readSettings,
  serve,
  StateUnusable,
  tellUnproved,
  TlsFault,
  TokensFault,
  unattestedText,
  unknownVariables,
  type Gate,
  type Settings,
} from '../server/index.ts'
import { expired, findingText } from './check.ts'
import { plural, UsageError, type Io } from './io.ts'
import { listenProblem } from './listen-problem.ts'
import { mustParse, packSource } from './load-pack.ts'
import { usable } from './usable.ts'
import { unprovedText } from './unproved.ts'
import { untilStopped } from './until-stopped.ts'

/** `portcullis serve`: starts the service and keeps it until a signal stops it; a second signal stops at once. SIGHUP reloads the rules. */
export async function serveCommand(
  flags: Readonly<Record<string, string | boolean>>,
  io: Io,
): Promise<number> {
  const read = readSettings(flags, io.env)
  if ('faults' in read) throw new UsageError(read.faults.join('\nportcullis: '))
  const { settings } = read
  if (needsInsecure(settings))
    throw new UsageError(
      `${flagOf('host')} ${settings.host}: beyond loopback anybody who reaches the port may ask; let callers show tokens (${flagOf('tokens')} FILE), JWTs (${flagOf('jwksUrl')} URL) or certificates (${flagOf('tlsClientCa')} FILE), or say ${flagOf('insecure')} if it is meant`,
    )
  const gate = usable(() => gateOf(settings))
  const log = await logTo(io.err, settings)
  const bundles = await openBundles(settings, io.env, log).catch((error: unknown) => {
    throw error instanceof NoBundle || error instanceof StateUnusable
      ? new UsageError(error.message)
      : error
  })
  const first = bundles ?? mustPass(settings.pack, 'it does not go live', gate, io)
  const { pack, source, proved } = first
  if ('unproved' in first) tellUnproved(log, first.unproved, 'warn')
  const candidate =
    settings.shadow === undefined
      ? undefined
      : mustPass(settings.shadow, 'it is not tried in the shadow', unasked, io)
  for (const said of unknownVariables(io.env)) log(`warning: ${said}; see portcullis serve --help`)
  const isPlain = settings.tlsCert === undefined && settings.socket === undefined
  if (isPlain && needsCredentials(settings) && !isLoopback(settings.host))
    log(
      `warning: tokens are sent as they are; talk TLS (${flagOf('tlsCert')}), or let a proxy do it, or whoever sees the network can use them`,
    )
  for (const warning of expired(pack, io)) log(`warning: ${warning}`)
  const starting = serve(pack, settings, log, source, {
    ...(candidate && { candidate }),
    ...(bundles && { bundles }),
    ...(proved !== undefined && { proved }),
  })
  const stopped = untilStopped(starting, settings, log) // before it can be asked, so that nothing asked is lost by a signal
  const running = await starting.catch((error: unknown) => {
    throw error instanceof LogUnusable || error instanceof StateUnusable
      ? new UsageError(error.message)
      : listenError(error, settings)
  })
  const { id, revision, rules } = pack.ruleSet
  log(`portcullis decides at ${running.url} by ${id} (${rules.length} rules, ${revision})`)
  if (candidate) {
    const { id: other, revision: its } = candidate.pack.ruleSet
    log(`in the shadow: ${other} (${its}); see ${running.url}/v1/shadow`)
  }
  const { socket } = settings
  log(
    `try: curl ${socket === undefined ? running.url : `--unix-socket ${socket} http://localhost`}/readyz`,
  )
  flushCompileCache() // a service may never come to an end of its own, which is when Node.js would write it

  return stopped
}

/** A pack that passes its own test, and of which is proved what it promises, as far as that is asked for. */
function mustPass(name: string, consequence: string, gate: Gate, io: Io) {
  const source = packSource(name)
  const pack = mustParse(source, name, io)
  const isOver = proofTimer(gate)
  const findings = selfTest(pack, 'quick', isOver)
  const proving = prove(pack, source.attestation, gate, isOver)
  if ('unattested' in proving)
    throw new UsageError(
      `${JSON.stringify(name)}: ${unattestedText(proving.unattested)}; ${consequence}`,
    )
  const open = gate.proof === 'required' ? proving.unproved : []
  if (findings.length + open.length === 0) return { ...proving, pack, source }
  io.err(findings.map((finding) => findingText(finding, io)).join(''))
  io.err(open.map((each) => unprovedText(each, io)).join(''))
  const wrong = [
    ...(findings.length > 0
      ? [`fails its own test with ${plural(findings.length, 'finding')}`]
      : []),
    ...(open.length > 0
      ? [`promises what is not proved of it (${plural(open.length, 'invariant')})`]
      : []),
  ]
  throw new UsageError(`the pack ${JSON.stringify(name)} ${wrong.join(' and ')}; ${consequence}`)
}

/** Of a candidate nothing is proved until it is to decide. */
const unasked: Gate = { proof: 'off', withinMs: 0 }

function listenError(error: unknown, settings: Settings): unknown {
  if (error instanceof TokensFault || error instanceof TlsFault)
    return new UsageError(error.message)
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const said = listenProblem(code, settings)
  return said === undefined ? error : new UsageError(said)
}

import { readFileSync } from 'node:fs'
import { faultText, type Pack } from '../engine/index.ts'
import { exposure } from '../server/settings.ts'
import { drive, mustListen } from './load/drive.ts'
import { protocolNames, type ProtocolName } from './load/order.ts'
import { startService } from './load/service.ts'
import type { Workload } from './load/workload.ts'
import { readProfile, workloadOf } from './profiles/index.ts'
import type { Asking } from './runs/asking.ts'
import type { Cores } from './runs/cores.ts'
import { decidedOf } from './runs/layers/decided.ts'
import { mustBeOurs } from './runs/hosts.ts'
import { Misuse } from './runs/misuse.ts'
import { runningSide } from './runs/side.ts'

/** Who is to be asked what. */
export type Asked = {
  readonly pack: Pack
  /** Name of the built-in pack, or path of the folder, that it was read from. */
  readonly from: string
  /** A profile by name, or the path of a file. */
  readonly profile: string
  readonly seed: number
  /** A decision point that runs already, as `URL` or `protocol:URL`; a service of our own is started where it is left out. */
  readonly target?: string
  readonly iOwnThisHost: boolean
  /** File with the token that the target wants of its callers. */
  readonly tokenFile?: string
}

/** What is asked by a profile, with the right answers. Throws a `Misuse` where the profile can't be read. */
export function workload({ pack, profile: name, seed }: Asked): Workload {
  const profile = readProfile(name)
  if (profile.faults) throw new Misuse(profile.faults.map(faultText).join('\n'))
  return workloadOf(profile, [pack.ruleSet], { seed, cases: pack.cases })
}

/**
 * Asks a running decision point, or a service that is started for it and stopped afterwards: it on one core and the generator on
 * another where `cores` are given.
 */
export async function withTarget<T>(
  asked: Asked,
  run: (asking: Asking) => Promise<T>,
  cores?: Cores,
): Promise<T> {
  const questions = workload(asked)
  if (asked.target !== undefined) {
    const { protocol, url } = targetOf(asked.target, asked)
    const headers = asked.tokenFile === undefined ? {} : bearerOf(asked.tokenFile)
    await mustListen(url).catch((error: Error) => {
      throw new Misuse(error.message)
    })
    if (protocol !== 'portcullis')
      // other protocols know no refusal of what is no sign-in
      return run({ drive, target: { url, protocol, headers }, workload: decidedOf(questions) })
    const { target, workload: ofItsRevision } = await runningSide(url, questions, headers).begin()
    return run({ drive, target, workload: ofItsRevision })
  }
  const { url, pid, stop } = await startService({
    pack: asked.from,
    ...(cores && { core: cores.service }),
  })
  try {
    return await run({
      drive,
      target: { url, protocol: 'portcullis', pid },
      workload: questions,
      ...(cores && { generatorCore: cores.generator }),
    })
  } finally {
    await stop()
  }
}

/** Echoes decide nothing; they are for measuring what HTTP itself costs. */
const askable = protocolNames.filter((name) => name !== 'echo')

function targetOf(
  text: string,
  { iOwnThisHost }: Asked,
): { readonly protocol: ProtocolName; readonly url: string } {
  const [, named, address = text] = /^([a-z]+):(https?:.*)$/s.exec(text) ?? []
  const protocol = askable.find((name) => name === (named ?? 'portcullis'))
  if (protocol === undefined)
    throw new Misuse(
      `expected an address, or one behind ${askable.map((name) => `${name}:`).join(', ')}; got ${JSON.stringify(text)}`,
    )
  return { protocol, url: mustBeOurs(address, { iOwnThisHost }).href.replace(/\/$/, '') }
}

/** What a caller sends to be let in. Throws a `Misuse` that does not show what the file holds. */
export function bearerOf(file: string): Readonly<Record<string, string>> {
  const token = textOf(file).trim()
  const exposed = exposure(file)
  if (exposed !== undefined) throw new Misuse(`--token-file: ${exposed}`)
  if (!/^[\w\-.~+/]+=*$/.test(token))
    throw new Misuse(`${file}: expected a token alone, got a text with other characters`)
  return { authorization: `Bearer ${token}` }
}

/** A file that the user named. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Misuse(`can't read ${file}: ${(error as Error).message}`)
  }
}

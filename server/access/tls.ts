import { constants } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext, type TlsOptions } from 'node:tls'
import type { Log } from '../log.ts'
import type { Part } from '../parts.ts'
import type { Settings } from '../settings.ts'
import { lastGood } from './last-good.ts'
import { sharedReader, type SharedText } from './shared-text.ts'

/** Why TLS can't be talked. What it says holds nothing of the files. */
export class TlsFault extends Error {
  override readonly name = 'TlsFault'
}

type Pems = { readonly cert: string; readonly key: string; readonly ca?: string }
type TlsSettings = Pick<Settings, 'tlsCert' | 'tlsKey' | 'tlsClientCa'>

const mostBytes = 1_048_576

/** Keeps the certificate, its key and the CA of clients as their files say. Throws a `TlsFault` when they are not good to begin with. */
export function tlsPart(
  { tlsCert = '', tlsKey = '', tlsClientCa }: TlsSettings,
  log: Log,
): { readonly part: Part; readonly memory: SharedText } {
  const read = (): string => {
    const pems: Pems = {
      cert: pemIn(tlsCert),
      key: pemIn(tlsKey),
      ...(tlsClientCa !== undefined && { ca: pemIn(tlsClientCa) }),
    }
    try {
      createSecureContext(pems)
    } catch (error) {
      throw new TlsFault(
        `${[tlsCert, tlsKey, tlsClientCa].filter(Boolean).join(', ')}: expected a certificate, its key and certificates of a CA, in PEM (${codeOf(error)})`,
      )
    }
    return JSON.stringify(pems)
  }
  const paths = [tlsCert, tlsKey, ...(tlsClientCa === undefined ? [] : [tlsClientCa])]
  const { memory, fault, stop } = lastGood({ name: 'tls', paths, mostBytes, read }, log)
  if ((statSync(tlsKey).mode & 0o007) !== 0)
    log(`warning: ${tlsKey}: anybody on this machine may read the key (chmod 600)`, {
      level: 'warn',
    })
  return {
    memory,
    part: {
      status: () => ({ tls: { ...(fault() !== undefined && { fault: fault() }) } }),
      families: () => ({
        portcullis_access_tls_stale: {
          type: 'gauge',
          help: '1 while the files of TLS can not be used, and what they said last is in force.',
          samples: [[fault() === undefined ? 0 : 1]],
        },
      }),
      stop: async () => stop(),
    },
  }
}

/** What a server begins with, and calls back with each change from then on; costs a look at one number a second. */
export function tlsOptions(
  memory: SharedText,
  changed: (options: TlsOptions) => void,
): { readonly options: TlsOptions; readonly stop: () => void } {
  let options: TlsOptions = {}
  let begun = false
  const look = sharedReader(memory, (text) => {
    options = optionsOf(JSON.parse(text) as Pems)
    if (begun) changed(options)
  })
  look()
  begun = true
  const looking = setInterval(look, 1_000)
  looking.unref()
  return { options, stop: () => clearInterval(looking) }
}

/**
 * Whoever shows no certificate is let through to be told by HTTP what he lacks, and may ask for health. Sessions are not resumed where
 * certificates are looked at, since what a CA is trusted for may have changed meanwhile.
 */
const optionsOf = (pems: Pems): TlsOptions =>
  pems.ca === undefined
    ? pems
    : {
        ...pems,
        requestCert: true,
        rejectUnauthorized: false,
        secureOptions: constants.SSL_OP_NO_TICKET,
      }

function pemIn(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new TlsFault(`${path}: can't be read (${codeOf(error)})`)
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'not as it should be'

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'

/** An Ed25519 key with its id: the first 16 hexadecimal digits of the SHA-256 of the public key in DER. */
export type Key = { readonly id: string; readonly key: KeyObject }

/** A key that can't be used; the message says what was expected. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
}

const idOf = (key: KeyObject): string => {
  const der = (key.type === 'private' ? createPublicKey(key) : key).export({
    type: 'spki',
    format: 'der',
  })
  return createHash('sha256').update(der).digest('hex').slice(0, 16)
}

/** A new pair, as the PEM files that OpenSSL reads. */
export function generateKey(): {
  readonly id: string
  readonly privatePem: string
  readonly publicPem: string
} {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    id: idOf(publicKey),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }),
  }
}

/** A private key to sign with. */
export function privateKey(pem: string): Key {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    throw new KeyError('expected a private key in PEM')
  return checked(() => createPrivateKey(pem), 'private')
}

/** A public key to trust. A private one, which would do too, has no business on the machine that checks. */
export function publicKey(pem: string): Key {
  if (pem.includes('PRIVATE KEY'))
    throw new KeyError('expected a public key, got a private one; it should not be here')
  if (!pem.includes('-----BEGIN PUBLIC KEY-----'))
    throw new KeyError('expected a public key in PEM')
  return checked(() => createPublicKey(pem), 'public')
}

function checked(read: () => KeyObject, kind: string): Key {
  let key: KeyObject
  try {
    key = read()
  } catch {
    throw new KeyError(`expected a ${kind} key in PEM, without a passphrase`) // what OpenSSL says could show what it read
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new KeyError(`expected an Ed25519 key, got ${key.asymmetricKeyType}`)
  return { id: idOf(key), key }
}

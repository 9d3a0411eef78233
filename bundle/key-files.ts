import { closeSync, fstatSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { generateKey, KeyError, privateKey, publicKey, type Key } from './keys.ts'

/** Writes a new pair to NAME.key, for its owner alone, and NAME.pub; never over a file that is there. */
export function writeKeyFiles(name: string): { readonly id: string; readonly files: string[] } {
  const { id, privatePem, publicPem } = generateKey()
  const files = [`${name}.key`, `${name}.pub`]
  const [secret, open] = files as [string, string]
  writeNew(secret, privatePem, 0o600)
  try {
    writeNew(open, publicPem, 0o666)
  } catch (error) {
    rmSync(secret)
    throw error
  }
  return { id, files }
}

function writeNew(file: string, text: string, mode: number): void {
  try {
    writeFileSync(file, text, { mode, flag: 'wx' })
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'EEXIST') throw error
    throw new KeyError(`${file} is there already, and no key is written over; choose another name`)
  }
}

/** A private key that nobody but its owner may read. */
export function readPrivateKey(file: string): Key {
  return about(file, () => {
    const descriptor = openSync(file, 'r') // so that what is looked at is what is read
    try {
      const stat = fstatSync(descriptor)
      if (process.platform !== 'win32' && stat.isFile() && (stat.mode & 0o077) !== 0)
        throw new KeyError(
          `others may read it (mode ${(stat.mode & 0o777).toString(8)}); run chmod 600, and if it was so for long, make a new key`,
        )
      return privateKey(readFileSync(descriptor, 'utf8'))
    } finally {
      closeSync(descriptor)
    }
  })
}

/** The keys of files; one key twice is surely not what was meant. */
export function readPublicKeys(files: readonly string[]): readonly Key[] {
  const keys = files.map((file) => about(file, () => publicKey(readFileSync(file, 'utf8'))))
  const twice = keys.findIndex(({ id }, at) => keys.findIndex((key) => key.id === id) < at)
  if (twice >= 0) throw new KeyError(`${files[twice]}: the key ${keys[twice]!.id} again`)
  return keys
}

function about<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new KeyError(
      error instanceof KeyError
        ? `${file}: ${error.message}`
        : `can't read ${file}: ${(error as Error).message}`,
    )
  }
}

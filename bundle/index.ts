/** The front door of bundles: a pack as one signed, content-addressed file. */
export { digestOf } from './contents.ts'
export { greatestNumber, mostBytes, mostSignatures } from './envelope.ts'
export { readPrivateKey, readPublicKeys, writeKeyFiles } from './key-files.ts'
export { generateKey, KeyError, privateKey, publicKey, type Key } from './keys.ts'
export { open, packOf, peek, unseal, type Opened, type Unsealed } from './open.ts'
export { checks, refuse, type Check, type Refused } from './refusal.ts'
export { seal } from './seal.ts'

/** The front door of bundles: a pack as one signed, content-addressed file. */
export { attest, attestationChecks, unattested, type Unattested } from './attestation.ts'
export { digestOf } from './contents.ts'
export { greatestNumber, mostBytes, mostSignatures } from './envelope.ts'
export { readPrivateKey, readPublicKeys, writeKeyFiles } from './key-files.ts'
export { generateKey, KeyError, privateKey, publicKey, type Key } from './keys.ts'
export {
  authenticate,
  contentsOf,
  open,
  packOf,
  peek,
  type Authentic,
  type Opened,
} from './open.ts'
export { checks, refuse, type Check, type Refused } from './refusal.ts'
export { seal } from './seal.ts'
export { subjectDigest, subjectOf, thisEngine, type Subject } from './subject.ts'

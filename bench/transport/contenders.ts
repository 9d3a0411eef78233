import { copies } from './copies.ts'
import { joinedCopied, joinedGiven, joinedGivenBothWays } from './joined-bytes.ts'
import { joinedText } from './joined-text.ts'
import { sharedMemory } from './shared-memory.ts'
import { strings } from './strings.ts'

export const contenders = {
  'a text each': strings,
  'bytes each, objects back': copies,
  'one text': joinedText,
  'one array, copied': joinedCopied,
  'one array, given away': joinedGiven,
  'one array, given away both ways': joinedGivenBothWays,
  'shared memory': sharedMemory,
} as const

export type Contender = keyof typeof contenders

import type { Log } from '../log.ts'
import type { Part } from '../parts.ts'
import { newSharedText, writeShared, type SharedText } from './shared-text.ts'
import { readTokens, stampOfFile, TokensFault } from './tokens-file.ts'
import { mostTokensBytes } from './tokens.ts'

/** How soon a change of the file is seen. */
const lookedAtEveryMs = 1_000

/**
 * Keeps the tokens of the service as the file says. A file that can't be read or is not right changes nothing: the tokens of the last good
 * one stay, and no other. Throws a `TokensFault` when there is no good one to begin with.
 */
export function tokensPart(
  path: string,
  log: Log,
): { readonly part: Part; readonly memory: SharedText } {
  const memory = newSharedText(mostTokensBytes)
  let stamp = ''
  let tokens = 0
  let fault: string | undefined

  function take(): void {
    const read = readTokens(path)
    writeShared(memory, read.text)
    stamp = read.stamp
    tokens = read.file.tokens.length
  }

  function look(): void {
    try {
      if (stampOfFile(path) === stamp && fault === undefined) return
      take()
      fault = undefined
      log(`tokens: ${tokens} from ${path}`)
    } catch (error) {
      const text = error instanceof TokensFault ? error.message : String(error)
      if (text !== fault)
        log(`tokens: ${text}; those of the last good file stay`, { level: 'error' })
      fault = text
    }
  }

  take()
  const looking = setInterval(look, lookedAtEveryMs)
  looking.unref()
  return {
    memory,
    part: {
      status: () => ({ tokens: { known: tokens, ...(fault !== undefined && { fault }) } }),
      families: () => ({
        portcullis_access_tokens: {
          type: 'gauge',
          help: 'Tokens of the tokens file that is in force.',
          samples: [[tokens]],
        },
        portcullis_access_tokens_stale: {
          type: 'gauge',
          help: '1 while the tokens file can not be used, and those of the last good one are in force.',
          samples: [[fault === undefined ? 0 : 1]],
        },
      }),
      stop: async () => clearInterval(looking),
    },
  }
}

import type { Log } from '../log.ts'
import type { Part } from '../parts.ts'
import { lastGood } from './last-good.ts'
import type { SharedText } from './shared-text.ts'
import { readTokens } from './tokens-file.ts'
import { mostTokensBytes } from './tokens.ts'

/** Keeps the tokens of the service as the file says. Throws a `TokensFault` when there is no good one to begin with. */
export function tokensPart(
  path: string,
  log: Log,
): { readonly part: Part; readonly memory: SharedText } {
  let tokens = 0
  const { memory, fault, stop } = lastGood(
    {
      name: 'tokens',
      paths: [path],
      mostBytes: mostTokensBytes,
      read() {
        const { text, file } = readTokens(path)
        tokens = file.tokens.length
        return text
      },
    },
    log,
  )
  return {
    memory,
    part: {
      status: () => ({
        tokens: { known: tokens, ...(fault() !== undefined && { fault: fault() }) },
      }),
      families: () => ({
        portcullis_access_tokens: {
          type: 'gauge',
          help: 'Tokens of the tokens file that is in force.',
          samples: [[tokens]],
        },
        portcullis_access_tokens_stale: {
          type: 'gauge',
          help: '1 while the tokens file can not be used, and those of the last good one are in force.',
          samples: [[fault() === undefined ? 0 : 1]],
        },
      }),
      stop: async () => stop(),
    },
  }
}

import { Option, type Command } from 'commander'
import { settings } from '../server/settings.ts'
import type { Io } from './io.ts'
import type { TokensFlags } from './tokens.ts'

type Ways = {
  readonly json: () => Option
  readonly examples: (...lines: readonly string[]) => string
}

/** `portcullis tokens …`. `done` is told of the exit code. */
export function addTokens(
  program: Command,
  io: Io,
  { json, examples }: Ways,
  done: (code: number) => void,
): void {
  const tokens = program
    .command('tokens')
    .description('Make, list and revoke the tokens with which callers show who they are.')
  const tokensFile = () =>
    new Option('--tokens <file>', `the tokens file (or ${settings.tokens.env})`)
  tokens
    .command('create')
    .description('Make a token, tell it once, and add its hash to the file.')
    .addOption(tokensFile())
    .requiredOption('--id <name>', 'whose it is; said in limits and by list')
    .requiredOption(
      '--scopes <scopes>',
      'what it is good for: decide, explain, metrics, admin, with commas in between',
    )
    .option('--expires <when>', 'days like 90d, a time, or never (default: 90d)')
    .option(
      '--rate <n>',
      'requests a second that may be made with it (default: --rate-limit of the service)',
    )
    .option('--out <file>', 'where the token goes, for its owner alone, instead of being printed')
    .option(
      '--certificate <file>',
      'no token, but what this client certificate is good for (serve --tls-client-ca)',
    )
    .addHelpText(
      'after',
      examples(
        'portcullis tokens create --tokens tokens.json --id gateway --scopes decide --out gateway.token',
        'portcullis tokens create --tokens tokens.json --id proxy --scopes decide --certificate proxy.pem',
      ),
    )
    .action(async (flags: TokensFlags) => {
      const { createTokenCommand } = await import('./tokens.ts')
      done(createTokenCommand(flags, io))
    })
  tokens
    .command('list')
    .description(
      'List the tokens and certificates of the file; the tokens themselves are not in it.',
    )
    .addOption(tokensFile())
    .addOption(json())
    .action(async (flags: TokensFlags) => {
      const { listTokensCommand } = await import('./tokens.ts')
      done(listTokensCommand(flags, io))
    })
  tokens
    .command('revoke')
    .description(
      'Take a token or a certificate out of use; a running service refuses it within about a second.',
    )
    .argument('<id>', 'whose it is')
    .addOption(tokensFile())
    .action(async (id: string, flags: TokensFlags) => {
      const { revokeTokenCommand } = await import('./tokens.ts')
      done(revokeTokenCommand(id, flags, io))
    })
}

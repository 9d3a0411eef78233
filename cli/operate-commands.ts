import { Option, type Command } from 'commander'
import { defaultUrl } from './default-url.ts'
import type { Io } from './io.ts'
import type { ServiceFlags } from './service.ts'
import type { operations } from './operate.ts'

type Helpers = {
  readonly json: () => Option
  readonly tokenFile: () => Option
  readonly insecure: () => Option
  readonly examples: (...lines: readonly string[]) => string
}

const commands: readonly (readonly [
  name: keyof typeof operations,
  says: string,
  argument?: readonly [name: string, says: string],
  example?: string,
])[] = [
  [
    'status',
    'Say how a service that runs is: what decides, since when, and how the last reload went.',
  ],
  [
    'reload',
    'Have a service read its rules anew; what is wrong with them is said, and then nothing has changed.',
  ],
  [
    'activate',
    'Have a rule set decide that the service keeps.',
    ['<revision>', 'its revision, or as many of the first digits as tell it from the others'],
    'sha256:6700d30b',
  ],
  ['rollback', 'Have the rule set decide that did before.'],
  ['shadow', 'Say what the candidate in the shadow of a service would have decided otherwise.'],
  [
    'promote',
    'Have the candidate in the shadow decide.',
    ['[revision]', 'its whole revision, so that it is no other'],
  ],
  ['revisions', 'List the rule sets that a service keeps, and what decided when.'],
]

/** Commands that ask a service that runs. */
export function addOperations(
  program: Command,
  io: Io,
  { json, tokenFile, insecure, examples }: Helpers,
  done: (code: number) => void,
): void {
  for (const [name, says, argument, example] of commands) {
    const command = program.command(name).description(says)
    if (argument) command.argument(...argument)
    const call = ['portcullis', name, ...(example === undefined ? [] : [example])].join(' ')
    command
      .addOption(new Option('--url <url>', 'where the service is').default(defaultUrl))
      .addOption(tokenFile())
      .addOption(insecure())
      .addOption(json())
      .addHelpText(
        'after',
        examples(call, `${call} --url https://pdp.example.com --token-file admin.token`),
      )
      .action(async (...given: readonly unknown[]) => {
        const { operations } = await import('./operate.ts')
        const revision = argument ? (given[0] as string | undefined) : undefined
        const flags = given[argument ? 1 : 0] as ServiceFlags
        done(await operations[name](flags, io, revision!))
      })
  }
}

import { Option, type Command } from 'commander'
import type { Io } from './io.ts'
import type { VerifyFlags } from './verify.ts'

type Help = {
  readonly json: () => Option
  readonly examples: (...lines: readonly string[]) => string
}

/** Commands that prove. */
export function addVerify(
  program: Command,
  io: Io,
  { json, examples }: Help,
  done: (code: number) => void,
): void {
  program
    .command('verify')
    .description(
      'Prove the invariants of packs for all sign-ins, or show the nearest that breaks one.',
    )
    .argument(
      '[packs...]',
      'names of built-in packs, or pack folders; all built-in ones when none is given',
    )
    .option(
      '--budget <conflicts>',
      'how long to look for a proof: conflicts for each question (default: 200000)',
    )
    .addOption(
      new Option('--format <format>', 'how to print what was found').choices([
        'human',
        'json',
        'junit',
        'sarif',
      ]),
    )
    .addOption(json())
    .addHelpText(
      'after',
      `\nIt ends with 0 only if every invariant is proved: 1 if one is refuted, vacuous or unknown, 2 if a pack has faults or something
that the prover does not model, 3 on an error of its own.\n${examples('portcullis verify', 'portcullis verify ./my-pack', 'portcullis verify --json ./my-pack', 'portcullis verify --format sarif > verify.sarif')}`,
    )
    .action(async (packs: string[], flags: VerifyFlags) => {
      const { verifyCommand } = await import('./verify.ts')
      done(await verifyCommand(packs, flags, io))
    })
}

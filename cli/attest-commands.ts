import type { Command, Option } from 'commander'
import type { AttestFlags } from './attest.ts'
import { keyOption } from './bundle-commands.ts'
import type { Io } from './io.ts'

type Help = {
  readonly json: () => Option
  readonly collect: (value: string, before: readonly string[]) => readonly string[]
  readonly examples: (...lines: readonly string[]) => string
}

/** `portcullis attest`. */
export function addAttest(
  program: Command,
  io: Io,
  { json, collect, examples }: Help,
  done: (code: number) => void,
): void {
  program
    .command('attest')
    .description('Prove what a pack promises, and sign that it is proved; 1 if it is not.')
    .argument('<pack>', 'name of a built-in pack, or a pack folder')
    .addOption(keyOption('a private key (PEM, Ed25519)', collect))
    .requiredOption('--out <file>', 'where to write it: pack.attestation in the folder of the pack')
    .option('--expires <when>', 'until when it is good: days like 90d, a time, or never', '90d')
    .addOption(json())
    .addHelpText(
      'after',
      examples('portcullis attest ./my-pack --key release.key --out ./my-pack/pack.attestation'),
    )
    .action(async (pack: string, flags: AttestFlags) => {
      const { attestCommand } = await import('./attest.ts')
      done(attestCommand(pack, flags, io))
    })
}

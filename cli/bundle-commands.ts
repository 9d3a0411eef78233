import { Option, type Command } from 'commander'
import type { Io } from './io.ts'

type Help = {
  readonly json: () => Option
  readonly collect: (value: string, before: readonly string[]) => readonly string[]
  readonly examples: (...lines: readonly string[]) => string
}

/** Files with keys, of which there has to be one at least. */
export const keyOption = (what: string, collect: Help['collect']): Option =>
  new Option('--key <file>', `${what}; may be repeated`)
    .argParser(collect)
    .default([])
    .makeOptionMandatory()

/** `portcullis bundle` and what can be done with one. */
export function addBundle(
  program: Command,
  io: Io,
  { json, collect, examples }: Help,
  done: (code: number) => void,
): void {
  const loadBundle = () => import('./bundle.ts')
  const keys = (what: string) => keyOption(what, collect)

  const bundle = program
    .command('bundle')
    .description('Make, check and look at bundles: a pack as one signed file that services pull.')

  bundle
    .command('keygen')
    .description('Make a key pair: NAME.key to sign with, and NAME.pub for services.')
    .argument('<name>', 'path without its ending')
    .addOption(json())
    .addHelpText('after', examples('portcullis bundle keygen release'))
    .action(async (name: string, flags: { json?: boolean }) =>
      done((await loadBundle()).keygenCommand(name, flags, io)),
    )

  bundle
    .command('create')
    .description('Test a pack, and sign it with all that it extends as one file.')
    .argument('<pack>', 'name of a built-in pack, or a pack folder')
    .addOption(keys('a private key (PEM, Ed25519)'))
    .requiredOption('--out <file>', 'where to write it')
    .option('--number <n>', 'its place in the order of bundles (default: seconds since 1970)')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'portcullis bundle create ./my-pack --key release.key --out my-pack.bundle',
        'portcullis bundle create ./my-pack --key old.key --key new.key --number 42 --out my-pack.bundle',
      ),
    )
    .action(
      async (
        pack: string,
        flags: { key: readonly string[]; out: string; number?: string; json?: boolean },
      ) => done((await loadBundle()).createCommand(pack, flags, io)),
    )

  bundle
    .command('verify')
    .description('Hold a bundle to everything that a service would; 1 if a check fails.')
    .argument('<file>', 'a bundle')
    .addOption(keys('a public key to trust (PEM, Ed25519)'))
    .addOption(json())
    .addHelpText('after', examples('portcullis bundle verify my-pack.bundle --key release.pub'))
    .action(async (file: string, flags: { key: readonly string[]; json?: boolean }) =>
      done((await loadBundle()).verifyCommand(file, flags, io)),
    )

  bundle
    .command('show')
    .description('Say what is in a bundle, whoever signed it.')
    .argument('<file>', 'a bundle')
    .addOption(json())
    .addHelpText('after', examples('portcullis bundle show my-pack.bundle'))
    .action(async (file: string, flags: { json?: boolean }) =>
      done((await loadBundle()).showCommand(file, flags, io)),
    )
}

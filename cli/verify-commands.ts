import { Option, type Command } from 'commander'
import type { DiffFlags } from './diff.ts'
import type { Io } from './io.ts'
import type { VerifyFlags } from './verify.ts'
import type { WhichFlags } from './verify/which.ts'

type Help = {
  readonly pack: () => Option
  readonly json: () => Option
  readonly collect: (value: string, before: readonly string[]) => readonly string[]
  readonly examples: (...lines: readonly string[]) => string
}

/** Commands that prove. */
export function addVerify(
  program: Command,
  io: Io,
  { pack, json, collect, examples }: Help,
  done: (code: number) => void,
): void {
  const verify = program
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
    .option(
      '--laws',
      'prove what should be so of each two sign-ins too: a role more, a later time, a fact left out or mentioned nowhere never loosens',
    )
    .option(
      '--emit-smt2 <folder>',
      'write what was asked, for another solver to answer: an SMT-LIB 2 file an invariant, FOLDER/PACK/INVARIANT.smt2; - prints them in place of the report',
    )
    .addHelpText(
      'after',
      `\nIt ends with 0 only if every invariant is proved, and with --laws every law that the pack makes no exception from: 1 if one is refuted, vacuous or unknown, 2 if a pack has faults or something
that the prover does not model, 3 on an error of its own.\n${examples('portcullis verify', 'portcullis verify ./my-pack', 'portcullis verify --laws ./my-pack', 'portcullis verify --json ./my-pack', 'portcullis verify --format sarif > verify.sarif', 'portcullis verify --emit-smt2 - | z3 -in', 'portcullis verify which isAdministrator')}`,
    )
    .action(async (packs: string[], flags: VerifyFlags) => {
      const { verifyCommand } = await import('./verify.ts')
      done(await verifyCommand(packs, flags, io))
    })
  verify
    .command('which')
    .description('Say which rules apply to all, some or none of the sign-ins of a condition.')
    .argument('<condition>', 'a condition as in a rule, JSON, or the name of a shared one')
    .addOption(pack())
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'portcullis verify which isAdministrator',
        `portcullis verify which '{"fact": "user.type", "operator": "equal", "value": "guest"}' --pack ./my-pack`,
      ),
    )
    .action(async (condition: string, _: unknown, command: Command) => {
      const { whichCommand } = await import('./verify/which.ts')
      // Those of portcullis verify may stand before it, and go for it too.
      done(await whichCommand(condition, command.optsWithGlobals<WhichFlags>(), io))
    })

  program
    .command('diff')
    .description(
      'Compare two packs over all sign-ins: what is decided otherwise, the nearest sign-in for each kind of change, or the proof that nothing is.',
    )
    .argument('[from]', 'a pack by name or folder; with --against the one that is compared')
    .argument('[to]', 'what it is compared with')
    .option(
      '--against <git ref>',
      'compare the pack with what it was at this commit, branch or tag',
    )
    .addOption(
      new Option(
        '--fail-on <changes>',
        'end with 1 on changes that are not accepted: weaker (a sign-in is decided not at least as strictly) or any',
      ).choices(['weaker', 'any']),
    )
    .option('--accept <file>', 'a reviewed file of changes that are accepted, until a day')
    .addOption(
      new Option('--format <form>', 'human, json or sarif (2.1.0)').choices([
        'human',
        'json',
        'sarif',
      ]),
    )
    .option(
      '--on <log>',
      'compare on the sign-ins of logs, as portcullis replay reads them, and not over all; may be repeated',
      collect,
      [],
    )
    .option(
      '--directory <file>',
      'who holds which role and has registered what; for --on; may be repeated',
      collect,
      [],
    )
    .option('--names', 'show users and addresses in JSON; for --on')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'portcullis diff security-defaults security-defaults-current',
        'portcullis diff security-defaults ./my-pack --on downloads/',
        'portcullis diff --against origin/main ./my-pack --fail-on weaker',
        'portcullis diff --against HEAD ./my-pack --fail-on weaker --accept accepted.json',
      ),
    )
    .action(async (from: string | undefined, to: string | undefined, flags: DiffFlags) => {
      const { diffCommand } = await import('./diff.ts')
      const packs = [from, to].filter((name) => name !== undefined)
      done(await diffCommand(packs, flags, io))
    })
}

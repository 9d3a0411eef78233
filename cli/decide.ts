import {
  decisionBody,
  load,
  readSource,
  type DecisionBody,
  type Fault,
  type Rule,
  type SignInParser,
  type Source,
} from '../engine/index.ts'
import { ClientError, type Client, type SignInQuestion } from '../client/index.ts'
import { framed } from './frame.ts'
import { exit, plural, readText, styler, UsageError, type Io } from './io.ts'
import { mustLoadPack } from './load-pack.ts'
import { withService, type ServiceFlags } from './service.ts'

/** `portcullis decide`: one sign-in in, its decision out. The exit code says whether it could be decided, not how. */
export async function decideCommand(file: string, flags: AskFlags, io: Io): Promise<number> {
  if (flags.url !== undefined)
    return askService(file, flags, io, async (client, signIn) => {
      const decision = await client.decide(signIn)
      return flags.json ? decision : decisionText(decision, [], io)
    })
  const { ruleSet } = mustLoadPack(flags.pack, io)
  const { parse, decide } = load(ruleSet)
  const asked = await readSignIn(file, parse, io)
  if (asked.faults) return refuse(asked, flags, io)
  const { parsed } = asked

  const body = decisionBody(ruleSet, decide(parsed.signIn), parsed.assumed, parsed.envelope)
  io.out(flags.json ? `${JSON.stringify(body, null, 2)}\n` : decisionText(body, ruleSet.rules, io))
  return exit.ok
}

/** What a sign-in is asked of: a pack, here, or a service that runs. */
export type AskFlags = ServiceFlags & { readonly pack?: string }

/** Asks a service about a sign-in, and shows what it says: words, or else as JSON. */
export async function askService(
  file: string,
  flags: AskFlags,
  io: Io,
  ask: (client: Client, signIn: SignInQuestion) => Promise<string | object>,
): Promise<number> {
  if (flags.pack !== undefined)
    throw new UsageError('--url and --pack: the service decides by its own rules; leave one out')
  const { name, text } = await readFrom(file, io)
  const texts = { [name]: text }
  const source = readSource(name, text)
  if ('faults' in source) return refuse({ faults: source.faults, texts }, flags, io)
  return withService(flags, io, async (client) => {
    try {
      const told = await ask(client, source.value as SignInQuestion)
      io.out(typeof told === 'string' ? told : `${JSON.stringify(told, null, 2)}\n`)
      return exit.ok
    } catch (error) {
      const faults = error instanceof ClientError ? error.problem?.errors : undefined
      if (faults === undefined || faults.length === 0) throw error
      return refuse({ faults: faults.map((fault) => placed(fault, source)), texts }, flags, io)
    }
  })
}

async function readFrom(file: string, io: Io) {
  return file === '-'
    ? { name: 'standard input', text: await io.readStdin() }
    : { name: file, text: readText(file) }
}

/** A sign-in that is right, with its text; or its faults, with their places. */
export async function readSignIn(file: string, parse: SignInParser, io: Io) {
  const { name, text } = await readFrom(file, io)
  const texts = { [name]: text }
  const source = readSource(name, text)
  if ('faults' in source) return { faults: source.faults, texts }
  const parsed = parse(source.value, io.now())
  return parsed.faults
    ? { faults: parsed.faults.map((fault) => placed(fault, source)), texts }
    : { parsed, text }
}

function placed(fault: Fault, source: Source): Fault {
  const at = source.locate(fault.pointer, fault.about)
  return at ? { ...fault, at } : fault
}

/** Says what is wrong with a sign-in. */
export function refuse(
  {
    faults,
    texts,
  }: {
    readonly faults: readonly Fault[]
    readonly texts: Readonly<Record<string, string>>
  },
  flags: { readonly json?: boolean },
  io: Io,
): number {
  if (flags.json) io.out(`${JSON.stringify({ faults }, null, 2)}\n`)
  else
    io.err(
      `${framed(faults, io, texts)}\nno decision: the sign-in has ${plural(faults.length, 'fault')}\n`,
    )
  return exit.usage
}

/** A decision in words. */
export function decisionText(body: DecisionBody, rules: readonly Rule[], io: Io): string {
  const style = styler(io)
  const colour = { allow: 'green', challenge: 'yellow', block: 'red' } as const
  const demanded = body.requirements.length > 0 ? `: ${body.requirements.join(', then ')}` : ''
  const lines = [style(['bold', colour[body.outcome]], `${body.outcome}${demanded}`)]
  const say = (label: string, text: string) =>
    lines.push(`  ${style('dim', label.padEnd(8))} ${text}`)
  for (const { rule, control, code, aadsts } of body.reasons) {
    say('because', rules.find(({ name }) => name === rule)?.title ?? rule)
    say(
      '',
      style(
        'dim',
        [
          `rule ${rule}`,
          `control ${control}`,
          `code ${code}`,
          ...(aadsts === undefined ? [] : [`AADSTS${aadsts}`]),
        ].join(' · '),
      ),
    )
  }
  for (const { advice, rule, facts = {} } of body.advice) {
    const shown = Object.entries(facts).map(([fact, value]) => `${fact} ${JSON.stringify(value)}`)
    say('advice', [advice, ...shown].join(' · '))
    say('', style('dim', `rule ${rule}`))
  }
  if (body.outcome === 'allow' && body.advice.length === 0)
    say('because', 'no rule demands anything of this sign-in')
  for (const [because, facts] of Map.groupBy(body.assumed, ({ because }) => because)) {
    say('assumed', style('dim', because))
    for (const { fact, value } of facts) say('', `${fact} = ${JSON.stringify(value)}`)
  }
  say(
    'by',
    style('dim', `${body.ruleSet.id} ${body.ruleSet.revision.slice(0, 'sha256:'.length + 12)}`),
  )
  return `${lines.join('\n')}\n`
}

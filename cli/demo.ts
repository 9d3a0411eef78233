import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { demoFiles } from '../replay/index.ts'
import { exit, styler, UsageError, type Io } from './io.ts'

/** `npx portcullis demo`: something to try things on. */
export function demoCommand(folder: string, io: Io): number {
  if (!isEmpty(folder))
    throw new UsageError(`${folder}: expected a folder that is not there yet or is empty`)
  try {
    for (const [name, text] of Object.entries(demoFiles())) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  } catch (error) {
    throw new UsageError(`can't write ${folder}: ${(error as Error).message}`)
  }
  const style = styler(io)
  const at = (name: string) => join(folder, name)
  const who = `--directory ${at('directory/registrations.json')} --directory ${at('directory/roles.json')}`
  const steps = [
    ['One sign-in of its scanner:', `npx portcullis decide ${at('printer.json')}`],
    ['Who breaks if security defaults are switched on:', `npx portcullis replay ${at('logs')}`],
    ['The same, with what the directory knows:', `npx portcullis replay ${at('logs')} ${who}`],
    [
      `Whom its own pack hits. Edit ${at('contoso/rules/payroll-needs-mfa.json')}, and ask again:`,
      `npx portcullis diff security-defaults ${at('contoso')} --on ${at('logs')} ${who}`,
    ],
  ] as const
  io.out(
    `${folder} holds Contoso, which does not exist: 200 users and what they did in March 2026, as the portal downloads it.\n\n` +
      steps.map(([what, command]) => `${what}\n  ${style('bold', command)}\n`).join('\n'),
  )
  return exit.ok
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'ENOENT') return true
    throw new UsageError(`${folder}: expected a folder: ${(error as Error).message}`)
  }
}

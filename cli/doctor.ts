import { readSettings, unknownVariables } from '../server/index.ts'
import { checks } from './doctor/checks.ts'
import type { Found } from './doctor/found.ts'
import { thisMachine, type Machine } from './doctor/machine.ts'
import { exit, plural, styler, type Io } from './io.ts'

type Told = { readonly check: string } & Found

/** `portcullis doctor`: whether the service would run here with these settings. It starts nothing and asks nobody, unless told whom. */
export async function doctorCommand(
  flags: Readonly<Record<string, string | boolean>> & {
    readonly json?: boolean
    readonly clockUrl?: string
  },
  io: Io,
  machine: Machine = thisMachine(io.now()),
): Promise<number> {
  const read = readSettings(flags, io.env)
  const told: Told[] = unknownVariables(io.env).map((found) => ({
    check: 'settings',
    state: 'warning',
    found,
    advice: 'portcullis serve --help lists them',
  }))
  if ('faults' in read)
    for (const found of read.faults)
      told.push({
        check: 'settings',
        state: 'problem',
        found,
        advice: 'serve does not start with it; all else is looked at once it is mended',
      })
  else {
    const from = new Set(Object.values(read.origins))
    told.push({
      check: 'settings',
      state: 'ok',
      found: from.size === 0 ? 'all at their defaults' : `given: ${[...from].join(', ')}`,
    })
    for (const [check, look] of Object.entries(checks))
      told.push({
        check,
        ...(await look({ settings: read.settings, machine, io, clockUrl: flags.clockUrl })),
      })
  }
  const sound = told.every(({ state }) => state !== 'problem')
  io.out(flags.json ? `${JSON.stringify({ sound, checks: told }, null, 2)}\n` : forPeople(told, io))
  return sound ? exit.ok : exit.findings
}

function forPeople(told: readonly Told[], io: Io): string {
  const style = styler(io)
  const colour = { ok: 'green', warning: 'yellow', problem: 'red' } as const
  const widest = Math.max(...told.map(({ check }) => check.length))
  const lines = told.flatMap((each) => [
    `${style(colour[each.state], each.state.padEnd(7))}  ${each.check.padEnd(widest)}  ${each.found}`,
    ...('advice' in each ? [style('dim', `${' '.repeat(widest + 11)}${each.advice}`)] : []),
  ])
  const count = (state: Found['state']) => told.filter((each) => each.state === state).length
  const summary = `${count('ok')} ok, ${plural(count('warning'), 'warning')}, ${plural(count('problem'), 'problem')}`
  return `${lines.join('\n')}\n\n${summary}\n`
}

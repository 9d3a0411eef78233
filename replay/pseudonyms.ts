import type { Report } from './report.ts'

/** Gives the same name for the same thing, and never shows what it was. */
export type Hide = (kind: 'user' | 'address', name: string) => string

/** A report that may leave: users and addresses have names that nobody can trace back without the key. */
export function pseudonymised(report: Report, hide: Hide): Report {
  const user = (name: string) => hide('user', name)
  const without = <T extends { readonly user: string; readonly name?: string }>(each: T): T => {
    const { name: _name, ...rest } = each
    return { ...rest, user: user(each.user) } as T
  }
  return {
    ...report,
    people: report.people.map(without),
    devices: report.devices.map((each) => ({ ...without(each), ip: hide('address', each.ip) })),
    noise: { ...report.noise, most: report.noise.most.map(without) },
    prompts: { ...report.prompts, worst: report.prompts.worst.map(without) },
    by: {
      ...report.by,
      ip: report.by.ip.map((each) => ({ ...each, name: hide('address', each.name) })),
    },
  }
}

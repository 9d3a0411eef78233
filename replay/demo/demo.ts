import { drawer } from './draw.ts'
import { demoMonth } from './month.ts'
import { portalCsv } from './portal-csv.ts'
import { assignmentsOf, demoTenant, registrationsOf } from './tenant.ts'

const seed = 2_026

/** The files of the demonstration, by name; the same every time. */
export function demoFiles(): Readonly<Record<string, string>> {
  const draw = drawer(seed)
  const users = demoTenant(draw)
  const signIns = demoMonth(users, draw)
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  const log = (name: string) =>
    portalCsv(
      signIns.filter((each) => each.log === name),
      draw,
    )
  return {
    'logs/InteractiveSignIns_2026-03.csv': log('interactive'),
    'logs/NonInteractiveSignIns_2026-03.csv': log('nonInteractive'),
    'directory/registrations.json': json(registrationsOf(users)),
    'directory/roles.json': json(assignmentsOf(users)),
    'printer.json': json(printer),
    'contoso/pack.json': json(pack),
    'contoso/rules/payroll-needs-mfa.json': json(rule),
    'contoso/cases.json': json(cases),
  }
}

/** What the scanner on the first floor does, as the service is asked about it. */
const printer = {
  at: '2026-03-16T09:00:00Z',
  user: { type: 'member', roles: [], registeredMethods: [] },
  client: { clientAppUsed: 'Authenticated SMTP', authenticationFlow: 'none' },
  resource: { appId: '00000002-0000-0ff1-ce00-000000000000' },
}

const payroll = '3f1a5d7c-90b2-4c11-8a5e-6f2b1d0c7e45'

/** A pack of the company's own, which builds on security defaults. */
const pack = {
  id: 'contoso',
  extends: 'security-defaults',
  title: 'Sign-ins of Contoso',
  description: 'Security defaults, and MFA for the payroll',
  controls: { protectPayroll: 'The payroll is opened with multifactor authentication' },
  sources: { handbook: { title: 'Our security handbook', date: '2026-01' } },
}
const rule = {
  name: 'payroll-needs-mfa',
  title: 'The payroll is opened with multifactor authentication',
  control: 'protectPayroll',
  source: 'handbook#payroll',
  conditions: {
    all: [
      { condition: 'securityDefaultsApply' },
      { fact: 'resource.appId', operator: 'equal', value: payroll },
      { not: { condition: 'didMfa' } },
    ],
  },
  event: { type: 'challenge', params: { requirement: 'mfa', code: 'payroll' } },
}
const cases = {
  cases: [
    {
      name: 'the payroll without multifactor authentication',
      with: { resource: { appId: payroll } },
      expect: { outcome: 'challenge', requirements: ['mfa'], codes: ['payroll'] },
    },
  ],
}

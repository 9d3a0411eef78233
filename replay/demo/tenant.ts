import type { Draw } from './draw.ts'

/** Somebody, or something, of the demonstration's company. */
export type DemoUser = {
  readonly id: string
  readonly userName: string
  readonly displayName: string
  readonly type: 'member' | 'guest'
  readonly kind: 'person' | 'administrator' | 'printer' | 'script' | 'synchronization'
  /** Template ids. */
  readonly roles: readonly string[]
  readonly methods: readonly string[]
  readonly ip: string
  readonly mail: 'modern' | 'IMAP4' | 'Exchange ActiveSync'
  readonly travels: boolean
  /** Works with the payroll. */
  readonly pays: boolean
}

export const userCount = 200
const domain = 'contoso.example'
const firstNames =
  'Ada Ben Carla Dev Elena Farid Gina Hugo Ines Jonas Kira Luis Mona Nils Olga Paul Rosa Sami Tara Umut'.split(
    ' ',
  )
const lastNames = 'Abel Brandt Costa Dietz Ebert Fuchs Groß Hahn Ivers Jahn'.split(' ')
const roles = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  helpdeskAdministrator: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  exchangeAdministrator: '29232cdf-9323-42fd-ade2-1d097af3e4de',
  directorySynchronization: 'd29b2b05-8046-44ba-8758-1e26182fcf32',
}

/** People, three administrators, three printers, two scripts and the synchronization account: 200 in all. */
export function demoTenant(draw: Draw): readonly DemoUser[] {
  const machine = (
    name: string,
    displayName: string,
    kind: DemoUser['kind'],
    ip: string,
    held: readonly string[] = [],
  ): DemoUser => ({
    id: draw.id(),
    userName: `${name}@${domain}`,
    displayName,
    type: 'member',
    kind,
    roles: held,
    methods: [],
    ip,
    mail: 'modern',
    travels: false,
    pays: false,
  })
  const machines = [
    machine('scan-1st-floor', 'Scanner 1st floor', 'printer', '203.0.113.21'),
    machine('scan-2nd-floor', 'Scanner 2nd floor', 'printer', '203.0.113.22'),
    machine('copier.warehouse', 'Copier warehouse', 'printer', '203.0.113.23'),
    machine('backup-job', 'Nightly backup', 'script', '203.0.113.31'),
    machine('invoice-reader', 'Invoice reader', 'script', '203.0.113.32'),
    machine(
      'sync_dc01',
      'On-premises directory synchronization',
      'synchronization',
      '203.0.113.40',
      [roles.directorySynchronization],
    ),
  ]
  const people = Array.from({ length: userCount - machines.length }, (_, at): DemoUser => {
    const first = firstNames[at % firstNames.length]!
    const last = lastNames[Math.floor(at / firstNames.length) % lastNames.length]!
    const held =
      at === 0
        ? [roles.globalAdministrator]
        : at === 1
          ? [roles.helpdeskAdministrator]
          : at === 2
            ? [roles.exchangeAdministrator]
            : []
    const isGuest = at >= userCount - machines.length - 8
    return {
      id: draw.id(),
      userName: `${first}.${last}@${isGuest ? 'fabrikam.example' : domain}`
        .toLowerCase()
        .replaceAll('ß', 'ss'),
      displayName: `${first} ${last}`,
      type: isGuest ? 'guest' : 'member',
      kind: held.length > 0 ? 'administrator' : 'person',
      roles: held,
      methods: at === 1 || draw.chance(0.6) ? ['microsoftAuthenticatorPush'] : [],
      ip: draw.chance(0.7) ? '203.0.113.10' : `198.51.100.${1 + draw.below(250)}`,
      mail: at % 33 === 5 ? 'IMAP4' : at % 40 === 7 ? 'Exchange ActiveSync' : 'modern',
      travels: at === 12,
      pays: at % 10 === 4,
    }
  })
  return [...people, ...machines]
}

/** Registered methods as Graph's `userRegistrationDetails` has them. */
export const registrationsOf = (users: readonly DemoUser[]) => ({
  '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#reports/userRegistrationDetails',
  value: users.map(({ id, userName, displayName, type, roles, methods }) => ({
    id,
    userPrincipalName: userName,
    userDisplayName: displayName,
    userType: type,
    isAdmin: roles.length > 0,
    isMfaRegistered: methods.length > 0,
    methodsRegistered: methods,
  })),
})

/** Roles as Graph's `roleAssignments` has them. */
export const assignmentsOf = (users: readonly DemoUser[]) => ({
  '@odata.context':
    'https://graph.microsoft.com/v1.0/$metadata#roleManagement/directory/roleAssignments',
  value: users.flatMap(({ id, roles }) =>
    roles.map((role) => ({ principalId: id, roleDefinitionId: role, directoryScopeId: '/' })),
  ),
})

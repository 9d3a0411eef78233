import type { Draw } from './draw.ts'
import type { DemoSignIn } from './month.ts'

/** The columns of the portal's download, in its order, with its trailing blanks and the name that it uses twice. */
const columns: readonly (readonly [
  name: string,
  of?: (signIn: DemoSignIn, draw: Draw) => string,
])[] = [
  ['Date (UTC)', ({ at }) => new Date(at).toISOString().replace('.000Z', 'Z')],
  ['Request ID', (_, draw) => draw.id()],
  ['User agent', ({ userAgent }) => userAgent],
  ['Correlation ID', (_, draw) => draw.id()],
  ['User ID', ({ user }) => user.id],
  ['User', ({ user }) => user.displayName],
  ['Username', ({ user }) => user.userName],
  ['User type', ({ user }) => (user.type === 'guest' ? 'Guest' : 'Member')],
  [
    'Cross tenant access type',
    ({ user }) => (user.type === 'guest' ? 'B2B collaboration' : 'None'),
  ],
  ['Incoming token type', () => 'None'],
  ['Authentication Protocol', ({ protocol }) => protocol],
  ['Unique token identifier'],
  ['Original transfer method', () => 'None'],
  ['Client credential type', () => 'None'],
  ['Token Protection - Sign In Session', () => 'Unbound'],
  ['Token Protection - Sign In Session StatusCode'],
  ['Application', ({ app }) => app.name],
  ['Application ID ', ({ app }) => app.id],
  ['App owner tenant ID'],
  ['Resource', ({ app }) => app.resource],
  ['Resource ID ', ({ app }) => app.resourceId],
  ['Resource tenant ID'],
  ['Resource owner tenant ID'],
  ['Home tenant ID'],
  ['Home tenant name'],
  ['IP address', ({ ip }) => ip],
  ['Location', ({ country }) => places[country] ?? country],
  ['Status', ({ code }) => (code === 0 ? 'Success' : 'Failure')],
  ['Sign-in error code', ({ code }) => String(code)],
  [
    'Failure reason',
    ({ code }) =>
      code === 0 ? 'Other.' : 'Error validating credentials due to invalid username or password.',
  ],
  ['Client app', ({ clientApp }) => clientApp],
  ['Device ID'],
  ['Browser', ({ clientApp }) => (clientApp === 'Browser' ? 'Chrome 133.0.0' : '')],
  ['Operating System', ({ system }) => system],
  ['Compliant', () => 'No'],
  ['Managed', () => 'No'],
  ['Join Type'],
  ['Multifactor authentication result', ({ mfa }) => results[mfa]],
  [
    'Multifactor authentication auth method',
    ({ mfa }) => (mfa === 'thisSignIn' ? 'Mobile app notification' : ''),
  ],
  ['Multifactor authentication auth detail'],
  [
    'Authentication requirement',
    ({ mfa }) => (mfa === 'none' ? 'Single-factor authentication' : 'Multifactor authentication'),
  ],
  ['Sign-in identifier', ({ user }) => user.userName],
  ['Session ID'],
  ['IP address (seen by resource)'],
  ['Through Global Secure Access', () => 'No'],
  ['Global Secure Access IP address'],
  ['Autonomous system  number', () => '64496'],
  ['Flagged for review', () => 'No'],
  ['Token issuer type', () => 'Microsoft Entra ID'],
  ['Incoming token type', () => 'None'],
  ['Token issuer name'],
  ['Latency', (_, draw) => String(40 + draw.below(400))],
  ['Conditional Access', () => 'Not Applied'],
  ['Managed Identity type', () => 'None'],
  ['Associated Resource Id'],
  ['Federated Token Id'],
  ['Federated Token Issuer'],
]
const results = {
  none: '',
  earlier: 'MFA requirement satisfied by claim in the token',
  thisSignIn: 'MFA completed in Azure AD',
}
const places: Readonly<Record<string, string>> = {
  DE: 'Hamburg, Hamburg, DE',
  FR: 'Lyon, Auvergne-Rhône-Alpes, FR',
  BR: 'Recife, Pernambuco, BR',
  RU: 'Moscow, Moskva, RU',
  VN: 'Hanoi, Ha Noi, VN',
}
const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Sign-ins as the portal downloads them: the latest first, with a byte order mark. */
export const portalCsv = (signIns: readonly DemoSignIn[], draw: Draw): string =>
  `\uFEFF${[
    columns.map(([name]) => name).join(','),
    ...signIns
      .toReversed()
      .map((signIn) => columns.map(([, of]) => cell(of?.(signIn, draw) ?? '')).join(',')),
  ].join('\r\n')}\r\n`

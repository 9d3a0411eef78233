/**
 * The client applications of a sign-in, as Entra's sign-in log names them (`clientAppUsed`) and as Conditional Access
 * classes them (`clientAppTypes`). A client named after a protocol or an old product uses legacy authentication; only
 * `Browser` and `Mobile Apps and Desktop clients` are modern (Microsoft Learn: "Customize and filter sign-in logs" and
 * "Sign-ins using legacy authentication workbook").
 */
export const clientAppClasses = [
  'browser',
  'mobileAppsAndDesktopClients',
  'exchangeActiveSync',
  'other',
  'unknown',
] as const

export type ClientAppClass = (typeof clientAppClasses)[number]

const classOf = {
  Browser: 'browser',
  'Mobile Apps and Desktop clients': 'mobileAppsAndDesktopClients',
  'Exchange ActiveSync': 'exchangeActiveSync',
  'Authenticated SMTP': 'other',
  AutoDiscover: 'other',
  'Exchange Online PowerShell': 'other',
  'Exchange Web Services': 'other',
  IMAP4: 'other',
  'MAPI Over HTTP': 'other',
  'Offline Address Book': 'other',
  'Outlook Anywhere (RPC over HTTP)': 'other',
  'Outlook Service': 'other',
  POP3: 'other',
  'Reporting Web Services': 'other',
  SMTP: 'other',
  'Universal Outlook': 'other',
  'Other clients': 'other',
  Unknown: 'unknown',
} as const satisfies Record<string, ClientAppClass>

export type ClientAppUsed = keyof typeof classOf

export const clientAppsUsed = Object.keys(classOf) as [ClientAppUsed, ...ClientAppUsed[]]

export const classOfClientApp = (name: string): ClientAppClass => classOf[name as ClientAppUsed]

/** What `clientAppUsed` reads when the caller gave only the class. */
const representatives: Readonly<Record<ClientAppClass, ClientAppUsed>> = {
  browser: 'Browser',
  mobileAppsAndDesktopClients: 'Mobile Apps and Desktop clients',
  exchangeActiveSync: 'Exchange ActiveSync',
  other: 'Other clients',
  unknown: 'Unknown',
}

export const clientAppOfClass = (name: string): ClientAppUsed =>
  representatives[name as ClientAppClass]

/** Spellings seen in exports beside the official ones; the names themselves are compared without case. */
export const clientAppAliases: Readonly<Record<string, ClientAppUsed>> = {
  ...Object.fromEntries(clientAppsUsed.map((name) => [name.toLowerCase(), name])),
  '': 'Unknown',
  'exchange activesync (supported)': 'Exchange ActiveSync',
  'exchange activesync (unsupported)': 'Exchange ActiveSync',
  imap: 'IMAP4',
  pop: 'POP3',
  'outlook anywhere': 'Outlook Anywhere (RPC over HTTP)',
  'other clients; imap': 'IMAP4',
  'other clients; mapi': 'MAPI Over HTTP',
  'other clients; pop': 'POP3',
  'other clients; smtp': 'SMTP',
  'other clients; older office clients': 'Other clients',
}

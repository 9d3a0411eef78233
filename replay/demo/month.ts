import type { Draw } from './draw.ts'
import type { DemoUser } from './tenant.ts'

/** One sign-in of the demonstration. */
export type DemoSignIn = {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly user: DemoUser
  readonly log: 'interactive' | 'nonInteractive'
  readonly app: App
  readonly clientApp: string
  readonly protocol: string
  readonly ip: string
  readonly country: string
  readonly userAgent: string
  readonly system: string
  readonly code: number
  readonly mfa: 'none' | 'earlier' | 'thisSignIn'
}

type App = {
  readonly name: string
  readonly id: string
  readonly resource: string
  readonly resourceId: string
}
const exchange = '00000002-0000-0ff1-ce00-000000000000'
const app = (name: string, id: string, resource: string, resourceId: string): App => ({
  name,
  id,
  resource,
  resourceId,
})
const outlook = app(
  'One Outlook Web',
  '9199bf20-a13f-4107-85dc-02114787ef48',
  'Office 365 Exchange Online',
  exchange,
)
const mail = app('Office 365 Exchange Online', exchange, 'Office 365 Exchange Online', exchange)
const apps = [
  outlook,
  app(
    'Microsoft Teams',
    '1fec8e78-bce4-4aaf-ab1b-5451cc387264',
    'Microsoft Graph',
    '00000003-0000-0000-c000-000000000000',
  ),
  app(
    'SharePoint Online Web Client Extensibility',
    '08e18876-6177-487e-b8b5-cf950c1e598c',
    'Office 365 SharePoint Online',
    '00000003-0000-0ff1-ce00-000000000000',
  ),
]
const payroll = app(
  'Contoso Payroll',
  '3f1a5d7c-90b2-4c11-8a5e-6f2b1d0c7e45',
  'Contoso Payroll',
  '3f1a5d7c-90b2-4c11-8a5e-6f2b1d0c7e45',
)
const portal = app(
  'Azure Portal',
  'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
  'Windows Azure Service Management API',
  '797f4846-ba00-4fd7-ba43-dac1f8f63013',
)
const synchronization = app(
  'Microsoft Azure Active Directory Connect',
  'cb1056e2-e479-49de-ae31-7812af012ed8',
  'Windows Azure Active Directory',
  '00000002-0000-0000-c000-000000000000',
)

const browser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36'
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** A month of work: 2 to 31 March 2026. */
const start = Date.UTC(2026, 2, 2)
const dayCount = 30

/** What the company does in a month, in the order of time. */
export function demoMonth(users: readonly DemoUser[], draw: Draw): readonly DemoSignIn[] {
  const all: DemoSignIn[] = []
  const add = (at: number, user: DemoUser, more: Partial<DemoSignIn>) =>
    void all.push({
      at: Math.floor(at),
      user,
      log: 'interactive',
      app: draw.of(apps),
      clientApp: 'Browser',
      protocol: 'None',
      ip: user.ip,
      country: user.type === 'guest' ? 'FR' : 'DE',
      userAgent: browser,
      system: 'Windows10',
      code: 0,
      mfa: 'none',
      ...more,
    })
  for (let day = 0; day < dayCount; day++) {
    const midnight = start + day * dayMs
    const isWorkday = day % 7 < 5
    for (const user of users) daysWork(user, midnight, isWorkday)
    if (day === 9) spray(midnight)
  }
  return all.sort((a, b) => a.at - b.at)

  function daysWork(user: DemoUser, midnight: number, isWorkday: boolean): void {
    const at = (hour: number, spread: number) =>
      midnight + (hour * 3_600 + draw.below(spread * 3_600)) * 1_000
    if (user.kind === 'synchronization') {
      for (let hour = 0; hour < 24; hour += 4)
        add(at(hour, 1), user, {
          log: 'nonInteractive',
          app: synchronization,
          clientApp: 'Mobile Apps and Desktop clients',
          userAgent: '',
          system: '',
        })
      return
    }
    if (user.kind === 'script') {
      add(at(2, 1), user, {
        log: 'nonInteractive',
        app: mail,
        clientApp: 'Exchange Web Services',
        protocol: 'ROPC',
        userAgent: 'python-requests/2.31.0',
        system: '',
      })
      return
    }
    if (!isWorkday) return
    if (user.kind === 'printer') {
      for (let scan = draw.below(4); scan > 0; scan--)
        add(at(8, 9), user, {
          log: 'nonInteractive',
          app: mail,
          clientApp: 'Authenticated SMTP',
          userAgent: '',
          system: '',
        })
      return
    }
    if (draw.chance(0.15)) return // away
    const isAway = user.travels && midnight >= start + 14 * dayMs && midnight < start + 19 * dayMs
    const place = isAway ? { country: 'BR', ip: '192.0.2.77' } : {}
    const doesMfa = user.methods.length > 0 && draw.chance(0.1)
    if (draw.chance(0.06)) add(at(8, 1), user, { ...place, code: 50126 })
    add(at(8, 2), user, { ...place, app: outlook, mfa: doesMfa ? 'thisSignIn' : 'none' })
    if (draw.chance(0.5)) add(at(10, 6), user, { ...place, mfa: doesMfa ? 'earlier' : 'none' })
    add(at(9, 8), user, {
      ...place,
      log: 'nonInteractive',
      clientApp: 'Mobile Apps and Desktop clients',
      mfa: doesMfa ? 'earlier' : 'none',
    })
    if (user.pays && draw.chance(0.4)) add(at(9, 7), user, { app: payroll })
    if (user.kind === 'administrator' && draw.chance(0.7)) add(at(9, 7), user, { app: portal })
    if (user.mail === 'IMAP4')
      add(at(8, 9), user, {
        log: 'nonInteractive',
        app: mail,
        clientApp: 'IMAP4',
        userAgent: 'Thunderbird/115.0',
        system: '',
      })
    if (user.mail === 'Exchange ActiveSync')
      add(at(7, 12), user, {
        log: 'nonInteractive',
        app: mail,
        clientApp: 'Exchange ActiveSync',
        userAgent: 'Apple-iPhone14C2/2005.11',
        system: 'iOS',
      })
  }

  /** One night somebody tries one password at many accounts, from many addresses. */
  function spray(midnight: number): void {
    for (const user of users.filter(({ kind }) => kind === 'person').slice(0, 120))
      for (let attempt = 0; attempt < 3; attempt++)
        add(midnight + hourMs + draw.below(3 * 3_600) * 1_000, user, {
          log: 'nonInteractive',
          app: mail,
          clientApp: 'IMAP4',
          ip: `192.0.2.${100 + draw.below(60)}`,
          country: draw.of(['RU', 'BR', 'VN']),
          userAgent: '',
          system: '',
          code: 50126,
        })
  }
}

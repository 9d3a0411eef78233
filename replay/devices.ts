import type { DeviceTally } from './tally.ts'

/** What a legacy client seems to be. It is a guess, by what is logged of it. */
export const deviceKinds = [
  'printer or scanner',
  'script',
  'phone',
  'mail program',
  'unclear',
] as const
export type DeviceKind = (typeof deviceKinds)[number]

const scripts =
  /python|curl|powershell|wget|java\/|go-http|okhttp|node|perl|php|ruby|requests|axios/i
const phones = /android|iphone|ipad|apple-|ios|samsung|touchdown/i
const machines = /scan|print|copier|mfp|ricoh|canon|konica|kyocera|xerox|brother|epson|lexmark/i
const sending = ['Authenticated SMTP', 'SMTP']

/** By how a device sends: printers by SMTP from one place without saying what they are. */
export function deviceKind({ clientApp, userAgent, user }: DeviceTally, name = user): DeviceKind {
  if (scripts.test(userAgent)) return 'script'
  if (machines.test(userAgent) || machines.test(name)) return 'printer or scanner'
  if (clientApp === 'Exchange ActiveSync' || phones.test(userAgent)) return 'phone'
  if (sending.includes(clientApp)) return userAgent === '' ? 'printer or scanner' : 'mail program'
  if (['Browser', 'Mobile Apps and Desktop clients'].includes(clientApp)) return 'script' // by resource-owner password
  if (clientApp === 'Exchange Web Services' || clientApp === 'Exchange Online PowerShell')
    return 'script'
  if (['IMAP4', 'POP3', 'MAPI Over HTTP', 'Outlook Anywhere (RPC over HTTP)'].includes(clientApp))
    return 'mail program'
  return 'unclear'
}

import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const inward = new BlockList()
inward.addSubnet('0.0.0.0', 8, 'ipv4')
inward.addSubnet('127.0.0.0', 8, 'ipv4')
inward.addSubnet('169.254.0.0', 16, 'ipv4') // where clouds tell their machines credentials, among others
inward.addAddress('::', 'ipv6')
inward.addAddress('::1', 'ipv6')
inward.addSubnet('fe80::', 10, 'ipv6')
inward.addAddress('fd00:ec2::254', 'ipv6')

/** Whether an address is this machine's own, or of its link alone: nobody elsewhere could ask there. */
export const isInward = (address: string): boolean =>
  inward.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Looks names up as usual, but finds none that leads to such an address; what is connected to is what was looked at. */
export const outward =
  (isInward: (address: string) => boolean): LookupFunction =>
  (host, options, done) =>
    lookup(host, { ...options, all: true }, (error, found) => {
      const [first] = found ?? []
      if (error || first === undefined) return done(error, '', 0)
      if (found.some(({ address }) => isInward(address))) return done(new LeadsInward(), '', 0)
      if (options.all === true) return done(null, found)
      return done(null, first.address, first.family)
    })

export class LeadsInward extends Error {
  override readonly name = 'LeadsInward'
}

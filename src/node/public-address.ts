import { BlockList, isIP } from 'node:net'

/** IPv4 addresses that are not of the public Internet (RFC 6890 and IANA's registry; 169.254.169.254 is that of cloud metadata). */
const NOT_PUBLIC_IPV4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
/** IPv6 addresses that are: global unicast, and IPv4 addresses as NAT64 has them (RFC 6052), after which these 96 bits are named. */
const GLOBAL_UNICAST = ['2000::', 3] as const
const NAT64 = '64:ff9b::'
const NAT64_BITS = 96
/** What of them is not: special purposes with Teredo, documentation, and 6to4, which leads to an IPv4 address. */
const NOT_PUBLIC_IPV6: readonly (readonly [network: string, bits: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const closed = new BlockList()
const open = new BlockList()
for (const [network, bits] of NOT_PUBLIC_IPV4) {
  closed.addSubnet(network, bits, 'ipv4')
  closed.addSubnet(`${NAT64}${network}`, NAT64_BITS + bits, 'ipv6')
}
for (const [network, bits] of NOT_PUBLIC_IPV6) closed.addSubnet(network, bits, 'ipv6')
open.addSubnet(...GLOBAL_UNICAST, 'ipv6')
open.addSubnet(NAT64, NAT64_BITS, 'ipv6')

/** Whether an address is one of the public Internet: not of this machine, a private network or a special purpose. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closed.check(address, 'ipv4')
    case 6:
      // One with a zone is of this link.
      return !address.includes('%') && open.check(address, 'ipv6') && !closed.check(address, 'ipv6')
    default:
      return false
  }
}

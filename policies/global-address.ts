import { contains, familyOf, parsePrefix } from './address.ts'
import type { Address } from './types.ts'

/**
 * IPv4 ranges that are not of the public internet: "Globally Reachable: False" in the IANA IPv4 Special-Purpose Address
 * Registry (RFC 6890, RFC 8190), multicast (RFC 5771) and 6to4 relays (RFC 7526).
 */
const notGlobalIPv4 = prefixes(
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12',
  '192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15',
  '198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
)
/** All that IANA has allocated as global unicast: RFC 4291 §2.4. */
const globalIPv6 = prefixes('2000::/3')
/** What of it is not: IANA IPv6 Special-Purpose Address Registry, and 6to4, which embeds an IPv4 address. */
const notGlobalIPv6 = prefixes('2001::/23 2001:db8::/32 2002::/16 3fff::/20')

/** Whether an address may be one of the public internet. */
export function isGlobal(address: Address): boolean {
  const isIn = (range: (typeof globalIPv6)[number]): boolean => contains(range, address)
  return familyOf(address) === 'IPv4'
    ? !notGlobalIPv4.some(isIn)
    : globalIPv6.some(isIn) && !notGlobalIPv6.some(isIn)
}

function prefixes(...lists: readonly string[]) {
  return lists.flatMap((list) => list.split(' ')).flatMap((text) => parsePrefix(text) ?? [])
}

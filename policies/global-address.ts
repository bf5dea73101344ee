import { contains, parsePrefix } from './address.ts'
import type { Address } from './types.ts'

/** Ranges that nobody announces to the internet: RFC 1918, RFC 6598 and RFC 4193. */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].flatMap(
  (text) => parsePrefix(text) ?? [],
)

/** Whether an address may be one of the public internet. */
export function isGlobal(address: Address): boolean {
  return !privateRanges.some((range) => contains(range, address))
}

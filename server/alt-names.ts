import { isIP } from 'node:net'
import { formatAddress, parseAddress } from '../policies/address.ts'

/** The subject alternative names of a certificate. */
export interface AltNames {
  /** In lower case. */
  readonly names: readonly string[]
  /** In any text form. */
  readonly addresses: readonly string[]
  /** All others as Node.js writes them, such as `URI:spiffe://x/y`. */
  readonly others: readonly string[]
}

/**
 * Parses the text form of a subjectAltName in Node.js, such as `DNS:kubernetes, IP Address:10.96.0.1`. A value with
 * special characters is in JSON quotes (CVE-2021-44532), so it is not split at its commas.
 */
export function parseAltNames(text = ''): AltNames {
  const names: string[] = []
  const addresses: string[] = []
  const others: string[] = []
  for (const [, kind = '', quoted, bare = ''] of text.matchAll(
    /([A-Za-z0-9 ]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))(?:, |$)/gu,
  )) {
    const value = quoted === undefined ? bare : String(JSON.parse(quoted))
    if (kind === 'DNS') names.push(value.toLowerCase())
    else if (kind === 'IP Address' && isIP(value) !== 0) addresses.push(value.toLowerCase())
    else others.push(`${kind}:${value}`)
  }
  return { names, addresses, others }
}

/** Node.js writes IPv6 addresses at full length, as `FD00:0:0:0:0:0:0:1`; this as RFC 5952 does. */
export function canonicalAddress(address: string): string {
  const octets = parseAddress(address)
  return octets === undefined ? address : formatAddress(octets)
}

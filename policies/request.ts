import { memoize } from './memoize.ts'
import type { Address, ParsedRequest, San } from './types.ts'

/** What the checks read off a request. */

export const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  extensionRequest: '1.2.840.113549.1.9.14',
  subjectAltName: '2.5.29.17',
} as const

/** A judgement needs these a dozen times. */
export const commonNames = memoize((request: ParsedRequest): readonly string[] =>
  subjectValues(request, OID.commonName),
)

export function organizations(request: ParsedRequest): string[] {
  return subjectValues(request, OID.organization)
}

/** DNS names as written, in order. */
export const dnsNames = memoize((request: ParsedRequest): readonly string[] =>
  request.sans.filter(({ kind }) => kind === 'dNSName').map(({ value }) => value),
)

/** Names compare without regard to case, RFC 4343; the A–Z fold only, so that no other character becomes one. */
export function foldCase(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase())
}

export function addressSans(request: ParsedRequest): San[] {
  return request.sans.filter(({ kind }) => kind === 'iPAddress')
}

export const addresses = memoize((request: ParsedRequest): readonly Address[] =>
  addressSans(request).map(({ value }) => value),
)

function subjectValues(request: ParsedRequest, oid: string): string[] {
  return request.subject.flatMap((rdn) =>
    rdn.filter((attribute) => attribute.oid === oid).map(({ value }) => value),
  )
}

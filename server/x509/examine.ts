import { oneLine } from '../../policies/text.ts'
import type { CsrObject, Fault, ParsedRequest } from '../../policies/types.ts'
import { isFault } from '../der/faults.ts'
import type { Examine, IssuedCertificate, Mismatch } from '../ports.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import type { Issuers } from './issuers.ts'
import { mismatchesOf } from './mismatches.ts'

/** Base64 of 64 KiB of PEM text. A kubelet's certificate has 1 KB, and 10 KB with 100 addresses. */
const CERTIFICATE_MAX = 87_384
/** Of a chain, the first certificate is the one that was issued. */
const BLOCK = /-----BEGIN CERTIFICATE-----\s+(?<body>[A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/u
const DETAIL_MAX = 512

/** One for all that are as they should be. */
const NONE: readonly Mismatch[] = Object.freeze([])

/** Compares issued certificates with what was approved. Never throws. */
export function createExamine(issuers: Pick<Issuers, 'note'>): Examine {
  return (certificate, { csr, request }) => {
    const der = derOf(certificate)
    if (der === null) return unreadable('it is not PEM of at most 64 KiB')
    const issued = readCertificate(der)
    if (isFault(issued)) return unreadable(`it cannot be read: ${issued.message}`)
    const otherIssuer = issuers.note(issued, der)
    const found = [
      ...differences(issued, csr, request),
      ...(otherIssuer === null ? [] : [{ field: 'issuer' as const, detail: otherIssuer }]),
    ]
    return { notAfter: issued.notAfter, mismatches: found.length === 0 ? NONE : found.map(bounded) }
  }
}

function derOf(certificate: string): Buffer | null {
  if (certificate.length > CERTIFICATE_MAX) return null
  const body = BLOCK.exec(Buffer.from(certificate, 'base64').toString('latin1'))?.groups?.['body']
  return body === undefined ? null : Buffer.from(body, 'base64')
}

function differences(issued: Certificate, csr: CsrObject, request: ParsedRequest | Fault): Mismatch[] {
  if (request.readable) return mismatchesOf(issued, { csr, request })
  // Another approver approved what is refused here, as two parsers may read it differently.
  return [{ field: 'encoding', detail: `the approved request cannot be read: ${request.message}` }]
}

function unreadable(detail: string): IssuedCertificate {
  return { notAfter: 0, mismatches: [{ field: 'encoding', detail }] }
}

function bounded({ field, detail }: Mismatch): Mismatch {
  return { field, detail: oneLine(detail, DETAIL_MAX) }
}

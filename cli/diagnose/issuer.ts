import type { X509Certificate } from 'node:crypto'

/** Whether `issuer` signed the certificate. */
export function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

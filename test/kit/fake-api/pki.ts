// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs it loaded first
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface Authority {
  readonly pem: string
  /** A serving certificate and its key, as PEM. */
  issue(names: readonly string[], addresses: readonly string[]): Promise<{ cert: string; key: string }>
}

/** A certificate authority that lives for one test. */
export async function createAuthority(name: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    notAfter: inOneDay(),
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  })
  return {
    pem: certificate.toString('pem'),
    async issue(names, addresses) {
      const leaf = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
      const sans = [
        ...names.map((value) => ({ type: 'dns' as const, value })),
        ...addresses.map((value) => ({ type: 'ip' as const, value })),
      ]
      const cert = await x509.X509CertificateGenerator.create({
        subject: 'CN=kube-apiserver',
        issuer: certificate.subject,
        publicKey: leaf.publicKey,
        signingKey: keys.privateKey,
        notAfter: inOneDay(),
        signingAlgorithm: ALGORITHM,
        extensions: [new x509.SubjectAlternativeNameExtension(sans)],
      })
      const der = await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey)
      return { cert: cert.toString('pem'), key: x509.PemConverter.encode(der, 'PRIVATE KEY') }
    },
  }
}

function inOneDay(): Date {
  return new Date(Date.now() + 86_400_000)
}

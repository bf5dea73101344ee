/** The certificates of a cluster, made as kubeadm makes them: one CA that signs servers, clients and kubelets. */
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 wants this polyfill before it loads
import 'reflect-metadata'
import { createPrivateKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export { x509 }

export interface Pair {
  readonly certPem: string
  readonly keyPem: string
}

/** Who a certificate is for: a user and its groups, or a server's names and addresses. */
export interface Holder {
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
  /** Default 1. */
  readonly days?: number
  /** How long ago its time began. Default a minute; negative for the future. */
  readonly daysAgo?: number
}

export interface Authority extends Pair {
  issue(holder: Holder): Promise<Pair>
  /** A kubelet's serving certificate for what a CSR asks, as PEM, as kube-controller-manager signs it. */
  sign(request: x509.Pkcs10CertificateRequest, seconds: number): Promise<string>
}

type Algorithm = NonNullable<x509.X509CertificateCreateParams['signingAlgorithm']>

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 24 * 3_600_000
/** Clocks of one machine agree; a minute back is for rounding to whole seconds. */
const BACKDATE_MS = 60_000
/** kube-controller-manager: pkg/controller/certificates/signer/signer.go, Backdate. */
const SIGNER_BACKDATE_MS = 5 * 60_000

export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const keyPem = await privatePem(keys.privateKey)
  return issuing({ certificate, keyPem }, { key: keys.privateKey, algorithm: ECDSA })
}

/** The authority of a cluster that kubeadm made, whose key is RSA. */
export async function authorityFrom({ certPem, keyPem }: Pair): Promise<Authority> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const
  const der = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' })
  const key = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  return issuing({ certificate: new x509.X509Certificate(certPem), keyPem }, { key, algorithm })
}

function issuing(
  { certificate, keyPem }: { readonly certificate: x509.X509Certificate; readonly keyPem: string },
  { key, algorithm }: { readonly key: webcrypto.CryptoKey; readonly algorithm: Algorithm },
): Authority {
  // Go makes key identifiers otherwise than this library would.
  const keyId = certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId
  if (keyId === undefined) throw new Error(`the CA ${certificate.subject} has no key identifier`)
  const authorityKey = new x509.AuthorityKeyIdentifierExtension(keyId)
  const issue = async (holder: Holder): Promise<Pair> => {
    const own = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify'])
    const issued = await x509.X509CertificateGenerator.create({
      ...validity(holder.days, holder.daysAgo),
      subject: subjectOf(holder),
      issuer: certificate.subject,
      publicKey: own.publicKey,
      signingKey: key,
      signingAlgorithm: algorithm,
      extensions: [...extensionsOf(holder), authorityKey],
    })
    return { certPem: issued.toString('pem'), keyPem: await privatePem(own.privateKey) }
  }
  const sign = async (request: x509.Pkcs10CertificateRequest, seconds: number): Promise<string> => {
    const names = sansOf(request)
    const now = Date.now()
    const signed = await x509.X509CertificateGenerator.create({
      serialNumber: randomBytes(16).toString('hex'),
      notBefore: new Date(now - SIGNER_BACKDATE_MS),
      notAfter: new Date(Math.min(now + seconds * 1_000, certificate.notAfter.getTime())),
      subject: request.subjectName.toJSON(),
      issuer: certificate.subject,
      publicKey: request.publicKey,
      signingKey: key,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        ...(names === undefined ? [] : [new x509.SubjectAlternativeNameExtension(names.names.items)]),
        authorityKey,
      ],
    })
    return signed.toString('pem')
  }
  return { certPem: certificate.toString('pem'), keyPem, issue, sign }
}

export function sansOf({
  extensions,
}: x509.Pkcs10CertificateRequest): x509.SubjectAlternativeNameExtension | undefined {
  return extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension)
}

/** The key pair that service-account tokens are signed with; RSA, as kubeadm makes it. */
export function serviceAccountKeys(): { readonly publicPem: string; readonly privatePem: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privatePem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  }
}

function validity(days = 1, daysAgo = BACKDATE_MS / DAY_MS) {
  const now = Date.now()
  return {
    serialNumber: `40${randomBytes(15).toString('hex')}`,
    notBefore: new Date(now - daysAgo * DAY_MS),
    notAfter: new Date(now + days * DAY_MS),
  }
}

function subjectOf({ commonName, organizations = [] }: Holder): x509.JsonName {
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }]
}

function extensionsOf({ names = [], addresses = [] }: Holder): x509.Extension[] {
  const sans: x509.JsonGeneralNames = [
    ...names.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  const purpose = sans.length > 0 ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([purpose]),
    ...(sans.length > 0 ? [new x509.SubjectAlternativeNameExtension(sans)] : []),
  ]
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
}

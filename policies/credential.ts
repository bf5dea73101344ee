import type { Identity } from './types.ts'

/** Kubernetes 1.32 and newer put it into `userInfo.extra`: k8s.io/apiserver pkg/authentication/user, CredentialIDKey. */
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id'
/** k8s.io/apiserver pkg/authentication/request/x509: SHA-256 of the client certificate. */
const CLIENT_CERTIFICATE = /^X509SHA256=(?<fingerprint>[0-9a-f]{64})$/u

/** The credential-ids that the API server named for a requester: one for a client certificate or token, none for an impersonated user. */
export function credentialIds({ extra }: Identity): readonly string[] {
  return Object.hasOwn(extra, CREDENTIAL_ID) ? (extra[CREDENTIAL_ID] ?? []) : []
}

/** The SHA-256 of the client certificate that a credential-id names, as 64 hex digits. */
export function fingerprintOf(credentialId: string): string | undefined {
  return CLIENT_CERTIFICATE.exec(credentialId)?.groups?.['fingerprint']
}

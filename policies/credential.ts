import type { CsrObject } from './types.ts'

/** Kubernetes 1.32 and later: the client certificate that asked. */
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id'
/** `X509SHA256=` and 64 hex digits. Whoever may impersonate `userextras` can write anything. */
const CREDENTIAL_MAX = 128

/** The credential-id that the API server wrote into a CSR, null where there is none. */
export function credentialOf({ requester }: Pick<CsrObject, 'requester'>): string | null {
  const [id = ''] = requester.extra[CREDENTIAL_ID] ?? []
  return id === '' || id.length > CREDENTIAL_MAX ? null : id
}

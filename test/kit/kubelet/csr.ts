import type { Answer, Client } from '../client.ts'
import { isObject } from '../client.ts'
import type { Json, JsonObject } from '../../../server/ports.ts'

export const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const SIGNER = 'kubernetes.io/kubelet-serving'

/** What a stock kubelet asks with a key that cannot encrypt, since Kubernetes 1.27; with RSA it can. */
export const SERVING = ['digital signature', 'server auth']
export const SERVING_WITH_ENCIPHERMENT = ['digital signature', 'key encipherment', 'server auth']

export interface CsrBody {
  /** `spec.request`: base64 of the PEM text. */
  readonly request: string
  /** Default that of serving certificates. */
  readonly signerName?: string
  readonly usages?: readonly string[]
  readonly expirationSeconds?: number
  /** Default as a kubelet: `{ generateName: 'csr-' }`. */
  readonly metadata?: JsonObject
}

export function csrObject({ request, metadata, ...spec }: CsrBody): JsonObject {
  const { signerName = SIGNER, usages = SERVING, expirationSeconds } = spec
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: metadata ?? { generateName: 'csr-' },
    spec: { request, signerName, usages, expirationSeconds },
  }
}

export function createCsr(client: Client, body: CsrBody, query = ''): Promise<Answer> {
  return client.request('POST', CSRS + query, csrObject(body))
}

/** How a stored CSR stands. */
export interface Standing {
  readonly approved: boolean
  readonly denied: boolean
  readonly failed: boolean
  /** Of the last condition; it reaches a kubelet's log. */
  readonly reason: string | null
  readonly message: string | null
  /** PEM. */
  readonly certificate: string | null
}

export function standingOf(csr: JsonObject): Standing {
  const status = isObject(csr['status']) ? csr['status'] : {}
  const conditions = Array.isArray(status['conditions']) ? status['conditions'].filter(isObject) : []
  const has = (type: string) => conditions.some((condition) => condition['type'] === type)
  const last = conditions.at(-1) ?? {}
  const { certificate } = status
  return {
    approved: has('Approved'),
    denied: has('Denied'),
    failed: has('Failed'),
    reason: textOf(last['reason']),
    message: textOf(last['message']),
    certificate: typeof certificate === 'string' ? Buffer.from(certificate, 'base64').toString() : null,
  }
}

/** `metadata` of an answered object, as texts. */
export function metadataOf(object: JsonObject) {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {}
  const text = (field: string): string => textOf(metadata[field]) ?? ''
  return { name: text('name'), uid: text('uid'), resourceVersion: text('resourceVersion') }
}

export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

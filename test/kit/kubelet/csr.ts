import type { Answer, Client } from '../client.ts'
import { isObject } from '../client.ts'
import type { Cluster } from '../cluster.ts'
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

/** Who asked for a stored CSR. */
export function usernameOf(csr: JsonObject): string {
  return textOf(isObject(csr['spec']) ? csr['spec']['username'] : undefined) ?? ''
}

/** All objects at a path, such as {@link CSRS}. Rejects when they are not listed. */
export async function listOf(
  cluster: Pick<Cluster, 'adminRequest'>,
  path: string,
): Promise<readonly JsonObject[]> {
  const { status, body } = await cluster.adminRequest('GET', path)
  if (status !== 200) throw new Error(`${path} cannot be listed: ${status} ${textOf(body['message'])}`)
  return Array.isArray(body['items']) ? body['items'].filter(isObject) : []
}

/** Approves a CSR by one PATCH with the uid and resourceVersion that were read, as ours does, with nothing judged. */
export async function approveUnjudged(
  cluster: Pick<Cluster, 'adminRequest'>,
  csr: JsonObject,
): Promise<Answer> {
  const { name, uid, resourceVersion } = metadataOf(csr)
  const condition = { type: 'Approved', status: 'True', reason: 'Unjudged', message: 'a bare PATCH' }
  return await cluster.adminRequest('PATCH', `${CSRS}/${name}/approval`, {
    metadata: { uid, resourceVersion },
    status: { conditions: [condition] },
  })
}

export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

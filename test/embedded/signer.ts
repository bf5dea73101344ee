/**
 * The signer kubernetes.io/kubelet-serving of kube-controller-manager: issues what is approved, and fails what it refuses.
 * Kubernetes: pkg/controller/certificates/signer/signer.go, pkg/apis/certificates/helpers.go ValidateKubeletServingCSR
 */
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { type Authority, sansOf, x509 } from '../kit/pki.ts'
import type { Collection, Stored } from './collection.ts'
import { secondsOf } from './collection.ts'
import { conditionsOf } from './csrs.ts'

const SIGNER = 'kubernetes.io/kubelet-serving'
/** kube-controller-manager --cluster-signing-duration, its default. */
const LONGEST_SECONDS = 365 * 24 * 3_600
const USAGES = ['digital signature,key encipherment,server auth', 'digital signature,server auth']

/** Signs until the collection is gone. */
export function signApproved(csrs: Collection, authority: Authority): void {
  csrs.subscribe(({ after }) => {
    if (after !== undefined && awaitsCertificate(after)) void sign(after, csrs, authority)
  })
}

function awaitsCertificate(csr: Stored): boolean {
  const types = conditionsOf(csr).map((one) => one['type'])
  return (
    textAt(objectAt(csr, 'spec'), 'signerName') === SIGNER &&
    textAt(objectAt(csr, 'status'), 'certificate') === '' &&
    types.includes('Approved') &&
    !types.includes('Failed')
  )
}

async function sign(csr: Stored, csrs: Collection, authority: Authority): Promise<void> {
  const status = await statusFor(objectAt(csr, 'spec'), authority)
  const present = csrs.get('', csr.metadata.name)
  // It was deleted, or changed and told of again.
  if (present?.metadata.resourceVersion !== csr.metadata.resourceVersion) return
  const conditions = [...conditionsOf(present), ...status.conditions]
  csrs.put({ ...present, status: { ...objectAt(present, 'status'), ...status, conditions } })
}

async function statusFor(
  spec: JsonObject,
  authority: Authority,
): Promise<JsonObject & { readonly conditions: readonly JsonObject[] }> {
  const request = new x509.Pkcs10CertificateRequest(Buffer.from(textAt(spec, 'request'), 'base64').toString())
  const problem = problemOf(request, spec['usages'])
  if (problem !== null) return { conditions: [failed(problem)] }
  const { expirationSeconds } = spec
  const seconds = Math.min(
    typeof expirationSeconds === 'number' ? expirationSeconds : LONGEST_SECONDS,
    LONGEST_SECONDS,
  )
  const pem = await authority.sign(request, seconds)
  return { certificate: Buffer.from(pem).toString('base64'), conditions: [] }
}

function failed(message: string): JsonObject {
  const now = secondsOf(new Date())
  return {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
    lastUpdateTime: now,
    lastTransitionTime: now,
  }
}

/** Why kube-controller-manager would not sign, or null. */
function problemOf(request: x509.Pkcs10CertificateRequest, usages: unknown): string | null {
  const { subjectName } = request
  const names = sansOf(request)?.names.items ?? []
  const has = (...types: readonly string[]) => names.some(({ type }) => types.includes(type))
  if (subjectName.getField('O').join() !== 'system:nodes') return 'subject organization is not system:nodes'
  if (!has('dns', 'ip')) return 'DNS or IP subjectAltName is required'
  if (has('email')) return 'Email subjectAltNames are not allowed'
  if (has('url')) return 'URI subjectAltNames are not allowed'
  if (!isServing(usages)) return 'usages did not match'
  if (!(subjectName.getField('CN')[0] ?? '').startsWith('system:node:'))
    return 'subject common name does not begin with system:node:'
  return null
}

function isServing(usages: unknown): boolean {
  return Array.isArray(usages) && USAGES.includes(usages.map(String).sort().join())
}

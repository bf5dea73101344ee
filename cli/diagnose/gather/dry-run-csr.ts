import { writeRequest } from '../../../server/der/request-writer.ts'
import { encoded } from '../../../server/json.ts'
import type { Session } from '../../cluster/session.ts'
import type { DryRun } from '../facts.ts'

/** Without any SAN, no signer would sign it. */
const CONTENT = { commonName: 'system:node:kubelet-csr-gate-doctor', organization: null, names: [] }

/** Creates a kubelet-serving CSR in a dry run, by a user who is no node: the webhook refuses it if it is called. */
export async function dryRunCsr({ cluster }: Session): Promise<DryRun> {
  const answer = await cluster.call({
    method: 'POST',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests?dryRun=All',
    body: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { generateName: 'kubelet-csr-gate-doctor-' },
      spec: {
        request: encoded(writeRequest(CONTENT)),
        signerName: 'kubernetes.io/kubelet-serving',
        usages: ['digital signature', 'server auth'],
      },
    },
  })
  if (answer.ok) return { outcome: 'admitted', message: '' }
  const { message } = answer
  if (message.includes('failed calling webhook')) return { outcome: 'callFailed', message }
  return {
    outcome: /admission webhook ".*" denied/u.test(message) ? 'refusedByWebhook' : 'notAllowed',
    message,
  }
}

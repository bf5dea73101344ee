import { generateKeyPairSync, sign } from 'node:crypto'
import {
  bitString,
  explicit,
  integer,
  oid,
  rewritten,
  sequence,
  set,
  toDer,
  utf8String,
} from '../../../server/der/write.ts'
import { encoded } from '../../../server/json.ts'
import type { Session } from '../../cluster/session.ts'
import type { DryRun } from '../facts.ts'

const COMMON_NAME = '2.5.4.3'
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'

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
        request: encoded(requestPem()),
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

/** A PKCS#10 request (RFC 2986 §4) without any SAN, which no signer would sign. */
function requestPem(): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid(COMMON_NAME), utf8String('system:node:kubelet-csr-gate-doctor'))))
  const spki = rewritten(publicKey.export({ type: 'spki', format: 'der' }))
  const information = sequence(integer(Uint8Array.of(0)), name, spki, explicit(0))
  const signature = sign('sha256', toDer(information), privateKey)
  const der = toDer(sequence(information, sequence(oid(ECDSA_WITH_SHA256)), bitString(signature)))
  const lines = der.toString('base64').match(/.{1,64}/gu) ?? []
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n')
}

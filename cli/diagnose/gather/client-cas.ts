import { X509Certificate } from 'node:crypto'
import type { Known } from '../../../policies/types.ts'
import { objectAt, textAt } from '../../../server/json.ts'
import { certificatesIn } from '../../../server/certificate-pem.ts'
import type { Session } from '../../cluster/session.ts'
import type { TrustedCa } from '../facts.ts'
import { readObject } from './read.ts'

/** Kubernetes writes it to every namespace: the CAs by which pods verify the API server. */
const ROOT_CA = '/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt'

/** Reads the CAs by which the kubeconfig and pods verify the API server. */
export async function readClientCas(session: Session): Promise<Known<readonly TrustedCa[]>> {
  const read = await readObject(session, ROOT_CA, 'the ConfigMap kube-system/kube-root-ca.crt')
  const pods = read.known && read.value !== null ? textAt(objectAt(read.value, 'data'), 'ca.crt') : ''
  const cas = [...casIn(session.ca, 'this kubeconfig'), ...casIn(pods, 'all pods')]
  if (cas.length > 0) return { known: true, value: cas }
  return { known: false, because: read.known ? 'neither the kubeconfig nor pods name a CA' : read.because }
}

function casIn(pem: string, holder: string): TrustedCa[] {
  return certificatesIn(pem).flatMap((one) => {
    try {
      return [{ certificate: new X509Certificate(one), holder }]
    } catch {
      return [] // Not a certificate: nobody verifies anything with it.
    }
  })
}

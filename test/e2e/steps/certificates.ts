/** What a kubelet serves, as its files say. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import type { Cluster } from '../../kubeadm/cluster.ts'

/** Who issued the certificate that the kubelet of a host serves, verified against the cluster's CA; throws when it has none. */
export async function servingCertificate(cluster: Cluster, name: string): Promise<X509Certificate> {
  const host = cluster.host(name)
  const certificate = new X509Certificate(
    await host.run(['cat', '/var/lib/kubelet/pki/kubelet-server-current.pem']),
  )
  const authority = new X509Certificate(
    await readFile(cluster.controlPlane.file('/etc/kubernetes/pki/ca.crt')),
  )
  if (!certificate.verify(authority.publicKey))
    throw new Error(`${name} serves a certificate of ${certificate.issuer}`)
  return certificate
}

/** Requests as objects, and the ways to submit them. */
import { buildRequest, type RequestShape } from '../../kit/requests/request.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { tryKubectlAsNode } from '../../kubeadm/kubectl.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import type { Finished } from '../../kit/child.ts'

/** A CSR object for the signer of serving certificates; what the honest kubelet of `host` asks but for `shape`. */
export function servingCsr(host: Host, shape: RequestShape, generateName = 'csr-'): object {
  const { name, address } = host.plan
  const honest = { commonName: `system:node:${name}`, dnsNames: [name], addresses: [address] }
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName },
    spec: {
      request: buildRequest({ ...honest, ...shape }).request,
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
    },
  }
}

/** Submits a CSR from a host, by its kubelet's credentials. */
export function submitAsNode(
  cluster: Cluster,
  host: Host,
  csr: object,
  flags: readonly string[] = [],
): Promise<Finished> {
  return tryKubectlAsNode(cluster, host, ['create', '-f', '-', ...flags], { input: JSON.stringify(csr) })
}

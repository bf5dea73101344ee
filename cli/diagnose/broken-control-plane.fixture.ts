import { apiServer, type Broken, controllerManager } from './broken.fixture.ts'
import { NOT_TRUSTED } from './checks/outcomes.ts'
import * as objects from './cluster-objects.fixture.ts'
import type { JsonObject } from '../../server/ports.ts'

const { API_SERVER_FLAGS, CONTROLLER_MANAGER_FLAGS, csrObject } = objects

/** Renewed so many seconds ago by the holder's clock, and by the API server's. */
function lease({ renewed, written }: { readonly renewed: number; readonly written: number }): JsonObject {
  return {
    metadata: { name: 'kube-controller-manager', managedFields: [{ time: objects.ago(written) }] },
    spec: { holderIdentity: 'cp-1_4fee2e3d', renewTime: objects.ago(renewed) },
  }
}

/** What may be wrong with the control plane and its configuration. */
export const brokenControlPlanes: readonly Broken[] = [
  {
    title: 'an API server that prefers host names, which the certificate has not',
    by: async (cluster) => {
      apiServer(cluster, API_SERVER_FLAGS.slice(0, 2))
      await cluster.serve('w-1', { names: ['other'] })
    },
    first:
      'critical AddressNotInCertificate Node w-1: the API server dials w-1 (first of Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP), and its certificate is valid for DNS:other, IP Address:198.51.100.12',
  },
  {
    title: 'a controller manager without its signer',
    by: (cluster) => {
      controllerManager(cluster, ['--controllers=*,-csrsigning', ...CONTROLLER_MANAGER_FLAGS.slice(1)])
      cluster.put('csrs', csrObject('csr-w2', 'w-2', 'Approved'))
    },
    first:
      'critical SignerDisabled Pod kube-system/kube-controller-manager-cp-1: --controllers=*,-csrsigning leaves out csrsigning',
  },
  {
    title: 'a signer without a CA',
    by: (cluster) => controllerManager(cluster, CONTROLLER_MANAGER_FLAGS.slice(0, 1)),
    first:
      'critical SignerWithoutCa Pod kube-system/kube-controller-manager-cp-1: --cluster-signing-cert-file is not set',
  },
  {
    title: 'a controller manager that has stopped',
    by: (cluster) =>
      cluster.edit('leases', 'kube-controller-manager', () => ({ spec: { renewTime: objects.ago(630) } })),
    first:
      'critical ControllerManagerStopped kube-controller-manager: no leader has renewed the Lease kube-system/kube-controller-manager for 10m',
  },
  {
    title: 'a controller manager whose clock is ahead',
    by: (cluster) =>
      cluster.edit('leases', 'kube-controller-manager', () => lease({ renewed: -3_630, written: 1 })),
    first:
      'warning SignerClockDiffers Clock of kube-controller-manager: it is 60m ahead of the clock of the API server',
  },
  {
    title: 'a controller manager whose clock is behind, and which has not stopped',
    by: (cluster) =>
      cluster.edit('leases', 'kube-controller-manager', () => lease({ renewed: 3_631, written: 1 })),
    first:
      'warning SignerClockDiffers Clock of kube-controller-manager: it is 60m behind the clock of the API server',
  },
  {
    title: 'a signer too slow for the cluster',
    by: (cluster) => controllerManager(cluster, [...CONTROLLER_MANAGER_FLAGS, '--kube-api-qps', '0.005']),
    first:
      'warning SignerSlow Signer: at --kube-api-qps=0.005 it takes about 500 s to issue certificates for 3 nodes',
  },
  {
    title: 'an API server that verifies no kubelet',
    by: (cluster) => apiServer(cluster, [API_SERVER_FLAGS[0] ?? '', API_SERVER_FLAGS[2] ?? '']),
    first:
      'warning KubeletsNotVerified Pod kube-system/kube-apiserver-cp-1: --kubelet-certificate-authority is not set',
  },
  {
    title: 'an API server that verifies kubelets by another CA',
    by: (cluster) => {
      cluster.ownLogs = `Get "https://198.51.100.11:10250/": tls: failed to verify certificate: x509: ${NOT_TRUSTED}`
    },
    first:
      'critical OtherKubeletCa Pod kube-system/kube-apiserver-cp-1: it rejects the certificate of the cluster that the kubelet of cp-1 serves: Get "https://198.51.100.11:10250/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  },
  {
    title: 'an API server that does not accept the certificate that a kubelet made for itself',
    by: async (cluster) => {
      cluster.ownLogs = `Get "https://198.51.100.11:10250/": x509: ${NOT_TRUSTED}`
      await cluster.serveBy('cp-1-ca@1700000000', 'cp-1')
    },
    first: 'critical BootstrapOff Node cp-1: its certificate is self-signed, by CN=cp-1-ca@1700000000',
  },
  {
    title: 'a flag that the next upgrade drops',
    by: (cluster) =>
      cluster.put(
        'configMaps',
        objects.configMap('kubeadm-config', { ClusterConfiguration: 'apiServer: {}\n' }),
      ),
    first:
      'warning UpgradeDropsFlag ConfigMap kube-system/kubeadm-config: apiServer.extraArgs lacks kubelet-certificate-authority, but all API servers have it',
  },
  {
    title: 'new nodes that will join without bootstrap',
    by: (cluster) =>
      cluster.put(
        'configMaps',
        objects.configMap('kubelet-config', { kubelet: 'rotateCertificates: true\n' }),
      ),
    first:
      'warning NewNodesWithoutBootstrap ConfigMap kube-system/kubelet-config: serverTLSBootstrap is not true, and 3 kubelets serve certificates of the cluster',
  },
  {
    title: 'kubelets that do not renew their client certificates',
    by: (cluster) =>
      cluster.put(
        'configMaps',
        objects.configMap('kubelet-config', { kubelet: 'serverTLSBootstrap: true\n' }),
      ),
    first: 'warning ClientRotationOff ConfigMap kube-system/kubelet-config: rotateCertificates is not true',
  },
  {
    title: 'the feature gate of serving certificates off',
    by: (cluster) => {
      const kubelet = `${objects.KUBELET_CONFIGURATION}featureGates: { RotateKubeletServerCertificate: false }\n`
      cluster.put('configMaps', objects.configMap('kubelet-config', { kubelet }))
    },
    first:
      'warning RotationGateOff ConfigMap kube-system/kubelet-config: featureGates has RotateKubeletServerCertificate: false',
  },
  {
    title: 'NodeRestriction off',
    by: (cluster) => cluster.answerDryRun('nodes', 'admitted'),
    first:
      'critical NodeRestrictionOff NodeRestriction: a dry run as a node could create the Node of another node',
  },
  {
    title: 'NodeRestriction off, where impersonation is not permitted',
    by: (cluster) => {
      const message =
        'users "system:node:kubelet-csr-gate-doctor-1" is forbidden: User "jane" cannot impersonate'
      cluster.answerDryRun('nodes', { code: 403, reason: 'Forbidden', message })
      apiServer(cluster, API_SERVER_FLAGS.slice(1))
    },
    first:
      'critical NodeRestrictionOff Pod kube-system/kube-apiserver-cp-1: --enable-admission-plugins= does not name NodeRestriction',
  },
]

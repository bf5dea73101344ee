import type { Broken } from './broken.fixture.ts'
import { podObject } from './cluster-objects.fixture.ts'

/** What may be wrong with kubelets and their certificates. */
export const brokenKubelets: readonly Broken[] = [
  {
    title: 'kubelets with serverTLSBootstrap off',
    by: (cluster) => cluster.serveBy('w-1-ca@1700000000', 'w-1'),
    first: 'critical BootstrapOff Node w-1: its certificate is self-signed, by CN=w-1-ca@1700000000',
  },
  {
    title: 'a certificate of a CA that nobody knows',
    by: (cluster) => cluster.serveBy('corporate', 'w-2'),
    first: 'critical UnknownCa Node w-2: its certificate was signed by the unknown CA CN=corporate',
  },
  {
    title: 'a certificate without the address that the API server dials',
    by: (cluster) => cluster.serve('w-1', { addresses: ['192.0.2.7'] }),
    first:
      'critical AddressNotInCertificate Node w-1: the API server dials 198.51.100.12 (first of InternalIP,ExternalIP,Hostname), and its certificate is valid for DNS:w-1, IP Address:192.0.2.7',
  },
  {
    title: 'a certificate without the InternalIP, which the API server does not dial',
    by: async (cluster) => {
      cluster.put('pods', podObject('kube-apiserver', ['--kubelet-preferred-address-types=Hostname']))
      await cluster.serve('w-1', { addresses: ['192.0.2.7'] })
    },
    first:
      'warning AddressNotInCertificate Node w-1: metrics-server and Prometheus dial 198.51.100.12, and its certificate is valid for DNS:w-1, IP Address:192.0.2.7',
  },
  {
    title: 'a kubelet that is down',
    by: async (cluster) => {
      cluster.edit('nodes', 'w-1', ({ status }) => ({ status: { ...Object(status), conditions: [] } }))
      await cluster.answer('w-1', 'refused')
    },
    first: /^warning KubeletDown Node w-1: the Node is not Ready, and its kubelet does not answer: /u,
  },
  {
    title: 'a kubelet on another port, which the Node reports',
    by: (cluster) => cluster.answer('w-1', 'refused'),
    first:
      'warning KubeletOnOtherPort Node w-1: its Node reports the port 1, and nothing answers on 10250: ECONNREFUSED',
  },
  {
    title: 'an expired certificate',
    by: (cluster) => cluster.serve('w-1', { days: -1 / 24, daysAgo: 1 }),
    first: 'critical CertificateExpired Node w-1: its certificate expired 60m ago',
  },
  {
    title: 'a certificate that was not renewed',
    by: (cluster) => cluster.serve('w-1', { days: 20.5, daysAgo: 300 }),
    first: 'warning ExpiresSoon Node w-1: its certificate expires in 20d',
  },
  {
    title: 'a certificate that is not valid yet',
    by: (cluster) => cluster.serve('w-1', { days: 2, daysAgo: -1.5 }),
    first: /^warning CertificateFromFuture Node w-1: its certificate is valid from 2.* UTC, in 35h$/u,
  },
  {
    title: 'the certificate of another node',
    by: (cluster) => cluster.serve('w-1', { commonName: 'system:node:w-2' }),
    first: 'critical OtherNode Node w-1: the common name of its certificate is system:node:w-2',
  },
  {
    title: 'a Node without an address, whose kubelet never asks',
    by: (cluster) => cluster.edit('nodes', 'w-1', () => ({ status: {} })),
    first: 'critical NodeWithoutAddress Node w-1: it reports no IP address, and the Node is 60m old',
  },
  {
    title: 'a Node that waits for its cloud provider',
    by: async (cluster) => {
      cluster.edit('nodes', 'w-2', () => ({
        spec: { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' }] },
      }))
      await cluster.answer('w-2', 'internalError')
    },
    first:
      'critical CloudProviderMissing Node w-2: it has the taint node.cloudprovider.kubernetes.io/uninitialized, and the Node is 60m old',
  },
]

/** Kubelets that serve what they should not. */
import { readFile } from 'node:fs/promises'
import { authorityFrom, createAuthority, type Holder } from '../../kit/pki.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { configureKubelet, serveOwn } from '../steps/kubelet-config.ts'
import type { Breakage } from './breakage.ts'

const NODE = 'worker-1'
const subject = `Node ${NODE}`
const mend = (cluster: Cluster): Promise<void> => configureKubelet(cluster, cluster.host(NODE), {})

/** A certificate by the CA of the cluster, good but for `holder`. */
async function serveSigned(cluster: Cluster, holder: Partial<Holder>): Promise<void> {
  const host = cluster.host(NODE)
  const file = (name: string): Promise<string> =>
    readFile(cluster.controlPlane.file(`/etc/kubernetes/pki/${name}`), 'utf8')
  const authority = await authorityFrom({ certPem: await file('ca.crt'), keyPem: await file('ca.key') })
  const { name, address } = host.plan
  const good = {
    commonName: `system:node:${name}`,
    organizations: ['system:nodes'],
    names: [name],
    addresses: [address],
  }
  await serveOwn(cluster, host, await authority.issue({ ...good, ...holder }))
}

export const brokenKubelets: readonly Breakage[] = [
  {
    title: 'serverTLSBootstrap is off on a worker',
    typed: true,
    by: (cluster) => configureKubelet(cluster, cluster.host(NODE), { serverTLSBootstrap: false }),
    mend,
    first: 'BootstrapOff',
    subject,
  },
  {
    title: 'a certificate without the address that the API server dials',
    by: (cluster) => serveSigned(cluster, { addresses: ['198.51.100.99'] }),
    mend,
    first: 'AddressNotInCertificate',
    subject,
  },
  {
    title: 'a certificate of a CA that the cluster does not know',
    by: async (cluster) => {
      const authority = await createAuthority('corporate')
      const { name, address } = cluster.host(NODE).plan
      const holder = { commonName: `system:node:${name}`, names: [name], addresses: [address] }
      await serveOwn(cluster, cluster.host(NODE), await authority.issue(holder))
    },
    mend,
    first: 'UnknownCa',
    subject,
  },
  {
    title: 'an expired certificate',
    typed: true,
    by: (cluster) => serveSigned(cluster, { days: -1 / 24, daysAgo: 1 }),
    mend,
    first: 'CertificateExpired',
    subject,
  },
  {
    title: 'a certificate that was not renewed',
    by: (cluster) => serveSigned(cluster, { days: 20, daysAgo: 300 }),
    mend,
    first: 'ExpiresSoon',
    subject,
  },
  {
    title: 'a certificate that is not valid yet',
    by: (cluster) => serveSigned(cluster, { days: 3, daysAgo: -2 }),
    mend,
    first: 'CertificateFromFuture',
    subject,
  },
  {
    title: 'a kubelet on another port',
    typed: true,
    by: (cluster) => configureKubelet(cluster, cluster.host(NODE), { port: 10_260 }),
    mend,
    first: 'KubeletOnOtherPort',
    subject,
  },
  {
    title: 'the certificate of another node, as on a copied disk',
    by: async (cluster) => {
      const other = cluster.host('worker-2')
      const pem = await other.run(['cat', '/var/lib/kubelet/pki/kubelet-server-current.pem'])
      await serveOwn(cluster, cluster.host(NODE), { certPem: pem, keyPem: pem })
    },
    mend,
    first: 'OtherNode',
    subject,
  },
]

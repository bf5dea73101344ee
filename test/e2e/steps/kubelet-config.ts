/** Changes the configuration of a kubelet, as its administrator does in /var/lib/kubelet/config.yaml. */
import { readFile, writeFile } from 'node:fs/promises'
import { parse, stringify } from 'yaml'
import type { Pair } from '../../kit/pki.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import { restartKubelet } from '../../kubeadm/node.ts'

const CONFIG = '/var/lib/kubelet/config.yaml'
const OWN = { tlsCertFile: '/var/lib/kubelet/pki/own.crt', tlsPrivateKeyFile: '/var/lib/kubelet/pki/own.key' }

/** Restarts the kubelet with these fields instead of those that it joined with. */
export async function configureKubelet(
  cluster: Cluster,
  host: Host,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const joined = host.file(`${CONFIG}.joined`)
  const text = await readFile(joined, 'utf8').catch(async () => {
    const original = await readFile(host.file(CONFIG), 'utf8')
    await writeFile(joined, original)
    return original
  })
  const config: object = parse(text)
  await writeFile(host.file(CONFIG), stringify({ ...config, ...fields }))
  await restartKubelet(host, cluster.binaries)
}

/** Restarts the kubelet with a certificate that the cluster's signer did not issue for it. */
export async function serveOwn(cluster: Cluster, host: Host, { certPem, keyPem }: Pair): Promise<void> {
  await writeFile(host.file(OWN.tlsCertFile), certPem)
  await writeFile(host.file(OWN.tlsPrivateKeyFile), keyPem)
  await configureKubelet(cluster, host, { serverTLSBootstrap: false, ...OWN })
}

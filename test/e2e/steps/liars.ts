/** Nodes that claim addresses of others: a kubelet's credential, its own certificate at its own address, and no kubelet. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../kit/until.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { tryKubectlAsNode } from '../../kubeadm/kubectl.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import { stopKubelet } from '../../kubeadm/node.ts'
import { servedPem } from './asked.ts'
import { certificateOf } from './csrs.ts'
import { servingCsr, submitAsNode } from './requests.ts'

const LISTENER = join(import.meta.dirname, 'listener.ts')
const OWN_PEM = '/etc/kubernetes/own.pem'

/** A machine with the credential of a Node that it registers itself. Answers as a kubelet without certificate. */
export async function newLiar(cluster: Cluster, name: string): Promise<Host> {
  const host = await register(cluster, name)
  host.start('listener', [process.execPath, LISTENER])
  return host
}

/** The same with a certificate of its own, which it serves. */
export async function servedLiar(cluster: Cluster, name: string): Promise<Host> {
  const host = await register(cluster, name)
  const built = buildRequest({
    commonName: `system:node:${name}`,
    dnsNames: [name],
    addresses: [host.plan.address],
  })
  const asked = await eventually(`${name} asks for its own`, 20, async () => {
    const { code, stdout, stderr } = await submitAsNode(
      cluster,
      host,
      servingCsr(host, { key: built.keys }, 'own-'),
      ['-o=name'],
    )
    if (code !== 0) throw new Error(stderr)
    return stdout.trim()
  })
  const certificate = await eventually(`${name} has a certificate`, 20, () => certificateOf(cluster, asked))
  const key = built.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await writeFile(host.file(OWN_PEM), certificate + key)
  host.start('listener', [process.execPath, LISTENER, OWN_PEM])
  return host
}

async function register(cluster: Cluster, name: string): Promise<Host> {
  const host = await cluster.attach(name)
  const kubeconfig = await cluster.kubeconfigOf(`system:node:${name}`, 'system:nodes')
  await writeFile(host.file('/etc/kubernetes/kubelet.conf'), kubeconfig)
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
  await asNode(cluster, host, ['create', '-f', '-'], JSON.stringify(node))
  await report(cluster, host, [])
  return host
}

/** Turns a real worker into a liar: its kubelet ends, its certificate is served on. */
export async function turn(host: Host): Promise<void> {
  await stopKubelet(host)
  await writeFile(host.file(OWN_PEM), await servedPem(host))
  host.start('listener', [process.execPath, LISTENER, OWN_PEM])
}

/** Reports these addresses beside its own. Tries again when somebody else changed the Node meanwhile. */
export async function report(cluster: Cluster, liar: Host, addresses: readonly string[]): Promise<void> {
  const { name, address } = liar.plan
  await eventually(`${name} reports its addresses`, 10, async () => {
    const node = JSON.parse(await asNode(cluster, liar, ['get', 'node', name, '-o=json']))
    node.status.addresses = [
      ...[address, ...addresses].map((each) => ({ type: 'InternalIP', address: each })),
      { type: 'Hostname', address: name },
    ]
    // kubectl patch would read nodes/status first, which a kubelet may write but not read
    const replace = ['replace', `--raw=/api/v1/nodes/${name}/status`, '-f', '-']
    await asNode(cluster, liar, replace, JSON.stringify(node))
    return true
  })
}

export interface Claim {
  readonly liar: Host
  /** The stored CSR; null if it was refused at creation. */
  readonly csr: string | null
  readonly refusal: string
}

/** Reports the addresses, and asks for a certificate with them and its own. */
export async function claim(cluster: Cluster, liar: Host, addresses: readonly string[]): Promise<Claim> {
  await report(cluster, liar, addresses)
  const shape = { addresses: [liar.plan.address, ...addresses] }
  return await eventually(`${liar.plan.name} claims ${addresses.join(', ')}`, 20, async () => {
    const { code, stdout, stderr } = await submitAsNode(cluster, liar, servingCsr(liar, shape, 'claim-'), [
      '-o=name',
    ])
    // The webhook has not seen the report yet.
    if (code !== 0 && stderr.includes('AddressNotOfNode')) throw new Error(stderr)
    return { liar, csr: code === 0 ? stdout.trim() : null, refusal: stderr.trim() }
  })
}

/** Throws if it fails. */
async function asNode(cluster: Cluster, host: Host, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await tryKubectlAsNode(cluster, host, args, { input })
  if (code !== 0) throw new Error(stderr)
  return stdout
}

/** What a person would look at first when a step failed, while the clusters still stand. */
import type { Cluster } from '../kubeadm/cluster.ts'
import { tryKubectl } from '../kubeadm/kubectl.ts'
import type { Host } from '../kubeadm/hosts/host.ts'
import { attempt } from '../kit/child.ts'
import type { Proof } from './proof.ts'
import { CERT_MANAGER } from './steps/cert-manager.ts'
import { NAMESPACE } from './steps/product.ts'

export async function diagnose(proof: Proof, cluster: Cluster): Promise<void> {
  if (cluster.hosts.length === 0) return
  const looks = [
    ['get', 'nodes', '--output=wide'],
    ['get', 'csr', '--sort-by=.metadata.creationTimestamp'],
    ['get', 'pods', '--all-namespaces', '--output=wide'],
    ['get', 'events', `--namespace=${NAMESPACE}`, '--sort-by=.metadata.creationTimestamp'],
  ]
  for (const look of looks) {
    const { stdout, stderr } = await tryKubectl(cluster, look, { timeoutMs: 10_000 })
    proof.print(`$ kubectl ${look.join(' ')}\n${lastLines(stdout || stderr, 40)}`)
  }
  for (const host of cluster.hosts) await printLogs(proof, host)
}

/** From the files: `kubectl logs` may be the very thing that fails. */
async function printLogs(proof: Proof, host: Host): Promise<void> {
  const { name } = host.plan
  for (const namespace of [NAMESPACE, CERT_MANAGER]) {
    const tail = ['sh', '-c', `tail -n 30 /var/log/pods/${namespace}_*/*/*.log`]
    const pods = await attempt([...host.entered(), ...tail])
    if (pods.code === 0) proof.print(`logs of the pods of ${namespace} on ${name}:\n${pods.stdout}`)
  }
  const kubelet = await attempt(['grep', '-E', '^(E|F|Error)', host.log('kubelet')])
  if (kubelet.code === 0) proof.print(`errors of the kubelet on ${name}:\n${lastLines(kubelet.stdout, 8)}`)
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

/** What the controller decided about a node's CSRs, by its log. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { tryKubectl } from '../../kubeadm/kubectl.ts'
import { NAMESPACE } from './product.ts'

interface Line {
  readonly msg: string
  readonly time: string
  readonly node?: string
  readonly csr?: string
  readonly action?: string
  readonly reason?: string
  readonly proof?: readonly string[]
}

/** A line for each: when, the CSR, what was done and why, and what answered at its addresses. */
export async function decisionsOn(cluster: Cluster, name: string): Promise<string> {
  const controller = '--selector=app.kubernetes.io/component=controller'
  const { stdout } = await tryKubectl(cluster, ['logs', `--namespace=${NAMESPACE}`, controller, '--tail=-1'])
  const lines: readonly Line[] = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  return lines
    .filter(({ msg, node }) => msg === 'decided' && node === name)
    .map(({ time, csr, action, reason, proof = [] }) => [time, csr, action, reason, ...proof].join(' '))
    .join('\n')
}

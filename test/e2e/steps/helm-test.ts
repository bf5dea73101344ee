/** `helm test` runs in a pod. When it fails is shown by test/chart/scripts.proof.ts. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl, tryHelm } from '../../kubeadm/kubectl.ts'
import type { Proof } from '../proof.ts'
import { NAMESPACE, RELEASE } from './product.ts'

export async function checkHelmTest(proof: Proof, cluster: Cluster): Promise<void> {
  const { passed, said } = await helmTest(cluster)
  proof.print(`$ helm test kubelet-csr-gate --logs\n${said}`)
  const [answer = said] = /\bthe webhook answers[^:\n]*/.exec(said) ?? []
  proof.holds('helm test passes', answer, passed)
  // Helm leaves it to be read, also when the release is gone
  await kubectl(cluster, ['delete', 'pod', `${RELEASE}-test`, `--namespace=${NAMESPACE}`])
}

async function helmTest(cluster: Cluster): Promise<{ readonly passed: boolean; readonly said: string }> {
  const argv = ['test', RELEASE, `--namespace=${NAMESPACE}`, '--logs', '--timeout=60s']
  const { code, stdout, stderr } = await tryHelm(cluster, argv)
  return { passed: code === 0, said: `${stdout}\n${stderr}`.trim() }
}

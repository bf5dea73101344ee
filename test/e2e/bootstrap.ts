/** The bootstrap profile: the webhook is in place before there is a pod network, a kube-proxy or a worker. */
import { API_PORT } from '../kubeadm/kubeadm.ts'
import { kubectl } from '../kubeadm/kubectl.ts'
import type { Workspace } from './workspace.ts'
import type { Proof } from './proof.ts'
import { applyManifest } from './manifests.ts'
import { servingCertificate } from './steps/certificates.ts'
import { uninstall } from './rollout.ts'
import { makeNamespace, release } from './steps/product.ts'
import { attemptsOf, tryAttempts, tryHonest } from './steps/hostile.ts'
import { startLogPod, untilReached } from './steps/log-pods.ts'

/** Of the worker that does not exist yet, whose name an attacker would take first. */
const EXPECTED_WORKER = { name: 'worker-1', address: '198.51.100.11' }

export async function bootstrap(
  proof: Proof,
  workspace: Workspace,
  imageArchive: string,
  profile: string,
): Promise<void> {
  const cluster = workspace.cluster({ name: 'bootstrap', network: false })
  await proof.step('kubeadm init of a second cluster: no pod network, no kube-proxy, no worker', async () => {
    await cluster.init()
    await cluster.importImage(imageArchive)
  })
  const { controlPlane } = cluster
  await proof.step('helm install with the bootstrap profile', async () => {
    await makeNamespace(cluster, 'privileged') // restricted forbids hostNetwork
    const began = performance.now()
    const address = [`--set=kubeApi.host=${controlPlane.plan.address}`, `--set=kubeApi.port=${API_PORT}`]
    const { notes } = await release(cluster, ['-f', profile, ...address])
    proof.print(notes)
    await startLogPod(cluster, 'control-plane', true)
    await untilReached(cluster, ['control-plane'], 60)
    proof.within('logs work on the bare control plane, from helm install on', performance.now() - began, 60)
  })
  await proof.step('The webhook answers on the bare control plane', async () => {
    await tryAttempts(proof, cluster, controlPlane, attemptsOf(controlPlane, EXPECTED_WORKER))
    await tryHonest(proof, cluster, controlPlane)
  })
  await proof.step('Two workers join, still without a pod network', async () => {
    const workers = ['worker-1', 'worker-2']
    await Promise.all(workers.map((name) => cluster.join(name)))
    const joined = performance.now()
    await Promise.all(workers.map((name) => startLogPod(cluster, name, true)))
    await untilReached(cluster, workers, 30)
    proof.within('both workers serve logs, from kubeadm join’s end on', performance.now() - joined, 20)
    for (const name of workers) {
      const { subjectAltName } = await servingCertificate(cluster, name)
      proof.holds(`${name} serves a CA-signed certificate`, subjectAltName ?? '', true)
    }
    proof.print(await kubectl(cluster, ['get', 'nodes,csr']))
  })
  await proof.step('helm uninstall with the pods alive', () => uninstall(proof, cluster))
  await applyManifest(proof, cluster, { file: 'bootstrap.yaml', worker: 'worker-3', network: false })
  await proof.step('The second cluster ends', () => cluster.stop())
}

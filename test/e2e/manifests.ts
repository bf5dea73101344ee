/** Without Helm: one file and kubectl heal a node that nobody approved, and take themselves away again. */
import { join } from 'node:path'
import type { Cluster } from '../kubeadm/cluster.ts'
import { kubectl, tryKubectl } from '../kubeadm/kubectl.ts'
import { buildManifests } from '../manifests/build.ts'
import type { Proof } from './proof.ts'
import { reach, startLogPod, untilReached } from './steps/log-pods.ts'
import { remains } from './steps/remains.ts'

export interface Attempt {
  /** Name of the manifest. */
  readonly file: 'install.yaml' | 'bootstrap.yaml'
  /** The worker that joins while nothing approves. */
  readonly worker: string
  /** Whether the cluster has a pod network. */
  readonly network: boolean
}

/** On a cluster without a release, which it leaves so, and without the namespace of the manifest. */
export async function applyManifest(proof: Proof, cluster: Cluster, attempt: Attempt): Promise<void> {
  const { file, worker, network } = attempt
  await using built = await buildManifests()
  const flag = `--filename=${join(built.path, file)}`
  await proof.step(`${worker} joins, and nothing approves`, async () => {
    await cluster.join(worker)
    await startLogPod(cluster, worker, !network)
    const { logs, problem } = await reach(cluster, worker)
    const unserved = !logs && problem.includes('remote error: tls: internal error')
    proof.holds(`before ${file}, ${worker} has no logs`, unserved ? 'tls: internal error' : problem, unserved)
  })
  await proof.step(`kubectl apply --server-side of ${file}`, async () => {
    const began = performance.now()
    await kubectl(cluster, ['apply', '--server-side', '--warnings-as-errors', flag])
    await untilReached(
      cluster,
      cluster.hosts.map(({ plan }) => plan.name),
      60,
    )
    proof.within(
      `logs and exec work on every node, from kubectl apply of ${file} on`,
      performance.now() - began,
      60,
    )
  })
  await proof.step('kubectl diff, and kubectl delete', async () => {
    const { code, stdout, stderr } = await tryKubectl(cluster, ['diff', '--server-side', flag])
    proof.holds(
      `${file} differs in nothing from what runs`,
      `${stdout}${stderr}`.trim() || 'no difference',
      code === 0,
    )
    await kubectl(cluster, ['delete', '--timeout=90s', flag], { timeoutMs: 120_000 })
    const left = (await remains(cluster)).join(' ')
    proof.holds(
      `kubectl delete of ${file} leaves no object behind but the ledger and the Lease`,
      left || 'none',
      left === '',
    )
  })
}

/** The main proof: a cluster whose `kubectl logs` fails is healed by `helm install`, and stays well. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Cluster } from '../kubeadm/cluster.ts'
import { kubectl, tryKubectl } from '../kubeadm/kubectl.ts'
import type { Workspace } from './workspace.ts'
import type { Proof } from './proof.ts'
import { servingCertificate } from './steps/certificates.ts'
import { makeNamespace, release } from './steps/product.ts'
import { checkHelmTest } from './steps/helm-test.ts'
import { attemptsOf, tryAttempts, tryHonest } from './steps/hostile.ts'
import { joinAndReach } from './steps/join.ts'
import { tryLie } from './steps/liar.ts'
import { workingSets } from './steps/memory.ts'
import { reach, startLogPod, untilReached } from './steps/log-pods.ts'
import { createMany, printLoad } from './steps/under-load.ts'

const NODES = ['control-plane', 'worker-1', 'worker-2']

/** A cluster as it is before anyone approves: its kubelets have no certificates. What is to be installed is at hand. */
export async function createCluster(
  proof: Proof,
  workspace: Workspace,
  imageArchive: string,
): Promise<Cluster> {
  const cluster = workspace.cluster({ name: 'healing', network: true })
  await proof.step('kubeadm init, with the API server verifying kubelets', () => cluster.init())
  await proof.step('kubeadm join of worker-1 and worker-2', async () => {
    await Promise.all([cluster.join('worker-1'), cluster.join('worker-2')])
    await Promise.all(NODES.map((node) => startLogPod(cluster, node)))
    proof.print(await kubectl(cluster, ['get', 'nodes']))
  })
  await proof.step('Without an approver, kubectl logs fails on every node', () => showFailure(proof, cluster))
  await proof.step('The image comes to every node', async () => {
    await cluster.importImage(imageArchive)
    await makeNamespace(cluster, 'restricted')
  })
  return cluster
}

/** Leaves the product installed. */
export async function heal(proof: Proof, cluster: Cluster): Promise<void> {
  await proof.step('helm install heals every node', () => install(proof, cluster))
  await proof.step('A third worker joins', async () => {
    const elapsed = await joinAndReach(cluster, 'worker-3')
    proof.within('a new node serves logs and exec, from the appearance of its Node', elapsed, 20)
  })
  await proof.step('A worker asks for what is not its own', async () => {
    const thief = cluster.host('worker-1')
    await tryAttempts(proof, cluster, thief, attemptsOf(thief, cluster.host('worker-2').plan))
    await tryHonest(proof, cluster, thief)
    await tryLie(proof, cluster, thief, cluster.host('worker-2'))
  })
}

/** What is promised of the product in place, besides that it works. */
export async function inspect(proof: Proof, cluster: Cluster): Promise<void> {
  await proof.step('helm test', () => checkHelmTest(proof, cluster))
  await proof.step('Memory, before and after 1,000 creates', async () => {
    const idle = await workingSets(cluster)
    const total = idle.reduce((sum, mebibytes) => sum + mebibytes, 0)
    const found = `${idle.join(' + ')} = ${total} MiB`
    proof.holds('the idle pods of a default installation hold at most 160 MiB', found, total <= 160)
    const load = await createMany(cluster, cluster.host('worker-1'), 1000)
    await sleep(KUBELET_STATS_PERIOD_MS)
    const sets = await workingSets(cluster)
    const holds = sets.length > 0 && sets.every((mebibytes) => mebibytes <= 96)
    proof.holds(
      `working set after ${load.created} creates is at most 96 MiB`,
      `${sets.join(', ')} MiB`,
      holds,
    )
    printLoad(proof, '1,000 at once', load)
  })
}

/** cAdvisor's housekeeping interval in the kubelet, after which the figures are surely new. */
const KUBELET_STATS_PERIOD_MS = 10_000

async function showFailure(proof: Proof, cluster: Cluster): Promise<void> {
  for (const node of NODES) {
    const { logs, exec, problem } = await reach(cluster, node)
    proof.print(`$ kubectl logs log-${node}\n${problem}`)
    const unserved = !logs && !exec && problem.includes('remote error: tls: internal error')
    proof.holds(`unapproved, ${node} has no logs`, unserved ? 'tls: internal error' : problem, unserved)
  }
  proof.print(await kubectl(cluster, ['get', 'csr']))
}

async function install(proof: Proof, cluster: Cluster): Promise<void> {
  const began = performance.now()
  const { notes, warnings } = await release(cluster, [])
  proof.print(`$ helm install kubelet-csr-gate\n${notes}`)
  proof.within('helm install returns with its pods ready', performance.now() - began, 60)
  await untilReached(cluster, NODES, 60)
  proof.within('logs and exec work on every node, from helm install on', performance.now() - began, 60)
  proof.holds('pods fit a namespace that enforces restricted', warnings || 'no warning', warnings === '')
  for (const node of NODES) {
    const { subjectAltName } = await servingCertificate(cluster, node)
    proof.holds(`the kubelet of ${node} serves a CA-signed certificate`, subjectAltName ?? '', true)
  }
  const { stdout } = await tryKubectl(cluster, ['get', 'csr'])
  proof.print(stdout)
}

/** `helm test` passes with a webhook that answers and fails with one that does not. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl, tryHelm } from '../../kubeadm/kubectl.ts'
import type { Proof } from '../proof.ts'
import { NAMESPACE, RELEASE } from './product.ts'
import { patchWebhook } from './webhook.ts'

/** API servers take up a changed webhook configuration within a second. */
const IN_EFFECT_MS = 3_000

export async function checkHelmTest(proof: Proof, cluster: Cluster): Promise<void> {
  const well = await helmTest(cluster)
  proof.print(`$ helm test kubelet-csr-gate --logs\n${well.said}`)
  proof.holds('helm test passes', well.passed ? answerOf(well.said) : well.said, well.passed)
  await callAt(cluster, '/nowhere')
  const broken = await helmTest(cluster)
  await callAt(cluster, '/validate')
  proof.print(`$ helm test kubelet-csr-gate --logs\n${broken.said}`)
  const noticed = !broken.passed && broken.said.includes('the webhook was not called, or did not answer')
  proof.holds('helm test fails while API servers call a wrong path', answerOf(broken.said), noticed)
  const healed = await helmTest(cluster)
  proof.holds('helm test passes again', healed.passed ? answerOf(healed.said) : healed.said, healed.passed)
  // Helm leaves it to be read, also when the release is gone
  await kubectl(cluster, ['delete', 'pod', `${RELEASE}-test`, `--namespace=${NAMESPACE}`])
}

async function callAt(cluster: Cluster, path: string): Promise<void> {
  await patchWebhook(cluster, 'clientConfig/service/path', path)
  await sleep(IN_EFFECT_MS)
}

async function helmTest(cluster: Cluster): Promise<{ readonly passed: boolean; readonly said: string }> {
  const argv = ['test', RELEASE, `--namespace=${NAMESPACE}`, '--logs', '--timeout=60s']
  const { code, stdout, stderr } = await tryHelm(cluster, argv)
  return { passed: code === 0, said: `${stdout}\n${stderr}`.trim() }
}

/** What the container that asked the webhook said. */
function answerOf(said: string): string {
  return /\bthe webhook (answers|was not called)[^:\n]*/.exec(said)?.[0] ?? said
}

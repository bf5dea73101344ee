/** The product as its users install it: by Helm, from the image archive. */
import { join } from 'node:path'

import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl, tryHelm } from '../../kubeadm/kubectl.ts'
import { run } from '../../kit/child.ts'
import project from '../../../package.json' with { type: 'json' }

const ROOT = join(import.meta.dirname, '..', '..', '..')
const CHART = join(ROOT, 'charts', 'kubelet-csr-gate')

/** Values for a control plane that has nothing else yet. */
export const BOOTSTRAP_PROFILE = join(CHART, 'profiles', 'bootstrap.yaml')

export const CERT_MANAGER_PROFILE = join(CHART, 'profiles', 'cert-manager.yaml')

/** The release, and the name of its objects. */
export const RELEASE = 'kubelet-csr-gate'
export const NAMESPACE = 'kubelet-csr-gate'

/** Builds the image archive; returns its path. */
export async function buildImage(): Promise<string> {
  await run([process.execPath, join(ROOT, 'packaging', 'main.ts'), 'image'], { timeoutMs: 300_000 })
  return join(ROOT, 'dist', `kubelet-csr-gate-${project.version}.oci.tar`)
}

/** A namespace that enforces a Pod Security Standard (`restricted`; `privileged` where pods need hostNetwork). */
export async function makeNamespace(cluster: Cluster, standard: string): Promise<void> {
  await kubectl(cluster, ['create', 'namespace', NAMESPACE])
  const labels = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=${standard}`)
  await kubectl(cluster, ['label', 'namespace', NAMESPACE, ...labels])
}

/** An upgrade to a way to prove addresses. The pods are new, so that none goes on with the policy before. */
export async function releaseProof(cluster: Cluster, proof: 'warn' | 'require'): Promise<void> {
  await release(cluster, [
    `--set=policy.proof.addresses=${proof}`,
    `--set-string=podAnnotations.proof=${proof}`,
  ])
}

export interface Released {
  readonly notes: string
  /** What the API server warned of, empty when of nothing. */
  readonly warnings: string
}

/** `helm upgrade --install`, waiting until the pods are ready. `flags` such as `--set=…`. */
export async function release(cluster: Cluster, flags: readonly string[]): Promise<Released> {
  const argv = [
    'upgrade',
    '--install',
    RELEASE,
    CHART,
    `--namespace=${NAMESPACE}`,
    '--wait',
    '--timeout=120s',
    // imported on the nodes
    '--set=image.pullPolicy=Never',
    ...flags,
  ]
  const { code, stdout, stderr } = await tryHelm(cluster, argv)
  if (code !== 0) throw new Error(`helm ${argv.join(' ')} ended with ${code}: ${stderr}`)
  const warnings = stderr.split('\n').filter((line) => /warning/i.test(line))
  return { notes: stdout, warnings: warnings.join('\n') }
}

/** Ways to speak to a cluster: as its administrator, or as one of its nodes. */
import type { Host } from './hosts/host.ts'
import { attempt, type Finished, run, type RunOptions } from '../kit/child.ts'
import type { Cluster } from './cluster.ts'

/** Runs kubectl as the administrator; throws when it fails. */
export function kubectl(cluster: Cluster, args: readonly string[], options?: RunOptions): Promise<string> {
  return run([...administrator(cluster), cluster.binaries('kubectl'), ...args], options)
}

/** Runs kubectl as the administrator, however it ends. */
export function tryKubectl(
  cluster: Cluster,
  args: readonly string[],
  options?: RunOptions,
): Promise<Finished> {
  return attempt([...administrator(cluster), cluster.binaries('kubectl'), ...args], options)
}

/** Runs kubectl on a host with that host's own kubelet credentials: what a thief of its key can do. */
export function tryKubectlAsNode(
  cluster: Cluster,
  host: Host,
  args: readonly string[],
  options?: RunOptions,
): Promise<Finished> {
  const kubeconfig = '--kubeconfig=/etc/kubernetes/kubelet.conf'
  return attempt([...host.entered(), ...at(host), cluster.binaries('kubectl'), kubeconfig, ...args], options)
}

/** Creates an object from its manifest, or brings it to that. */
export async function apply(cluster: Cluster, manifest: object): Promise<void> {
  await kubectl(cluster, ['apply', '-f', '-'], { input: JSON.stringify(manifest) })
}

/** Runs helm as the administrator, however it ends. Waits for a rollout: its own time-out must be the shorter one. */
export function tryHelm(cluster: Cluster, args: readonly string[]): Promise<Finished> {
  return attempt([...administrator(cluster), cluster.binaries('helm'), ...args], { timeoutMs: 180_000 })
}

/** A command in the control plane's network, with the administrator's kubeconfig in its environment. */
function administrator({ controlPlane }: Cluster): readonly string[] {
  const kubeconfig = `KUBECONFIG=${controlPlane.file('/etc/kubernetes/admin.conf')}`
  return [...controlPlane.networked(), ...at(controlPlane), kubeconfig]
}

/** kubectl and helm keep caches at home, by the cluster's address: any other cluster here may have the same one. */
function at({ plan }: Host): readonly string[] {
  return ['env', `HOME=${plan.directory}`]
}

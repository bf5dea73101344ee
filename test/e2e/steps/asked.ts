/** How long a kubelet waits for its certificate. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import { eventually } from '../../kit/until.ts'
import { createdAt, csrsOf, type StoredCsr } from './csrs.ts'

const CURRENT = '/var/lib/kubelet/pki/kubelet-server-current.pem'

/** The certificate and key that a kubelet serves. */
export function servedPem(host: Host): Promise<string> {
  return host.run(['cat', CURRENT])
}

/** Takes its certificate from a kubelet that does not run: once started it asks as if for the first time. */
export async function forgetCertificate(host: Host): Promise<void> {
  await host.run(['rm', '-f', CURRENT])
}

/**
 * Waits until a kubelet has stored a certificate. Returns the milliseconds since it asked, by the time of its newest CSR, which
 * is rounded down to the second: the true time is up to a second less.
 */
export async function untilServed(cluster: Cluster, host: Host, seconds: number): Promise<number> {
  const storedAt = await eventually(`${host.plan.name} has a certificate`, seconds, async () => {
    const written = await host.run(['stat', '--dereference', '--format=%.Y', CURRENT])
    return Number(written) * 1_000
  })
  const { name } = host.plan
  const issued = (await csrsOf(cluster, name)).find(({ status }) => status.certificate !== undefined)
  if (issued === undefined) throw new Error(`no CSR of ${name} was issued`)
  return storedAt - createdAt(issued)
}

/** Waits until a node has asked, and returns its newest CSR. */
export function untilAsked(cluster: Cluster, name: string, seconds: number): Promise<StoredCsr> {
  return eventually(`${name} asks`, seconds, async () => (await csrsOf(cluster, name))[0])
}

/**
 * The network between hosts: the first is the router, each further one hangs on it by a cable. All addresses
 * are from 198.51.100.0/24 (TEST-NET-2, RFC 5737) and exist only in the hosts' own network namespaces, so any
 * number of clusters can use the same ones at once.
 */
import type { Host } from './host.ts'
import { run } from '../../kit/child.ts'

/** The router: its address on loopback, and a default route, which kubeadm and kubelet insist on, into nowhere. */
export async function connectRouter(router: Host): Promise<void> {
  const { address } = router.plan
  await ip(router, [
    `addr add ${address}/32 dev lo`,
    'link add uplink type veth peer name nowhere',
    'link set uplink up',
    'link set nowhere up',
    `route add default dev uplink src ${address}`,
  ])
}

/** A cable from `router` to `host`, and on the router a route to the host's pods. `podRange` as address/length. */
export async function connect(router: Host, host: Host, podRange: string): Promise<void> {
  const { name, address } = host.plan
  const cable = `to-${name}`
  const gateway = router.plan.address
  await ip(router, [
    `link add ${cable} type veth peer name eth0 netns ${host.pid}`,
    `link set ${cable} up`,
    `route add ${address}/32 dev ${cable} src ${gateway}`,
    `route add ${podRange} via ${address} dev ${cable} onlink`,
  ])
  await ip(host, [
    `addr add ${address}/32 dev eth0`,
    'link set eth0 up',
    `route add ${gateway}/32 dev eth0 src ${address}`,
    `route add default via ${gateway} dev eth0 src ${address}`,
  ])
}

async function ip(host: Host, commands: readonly string[]): Promise<void> {
  await run([...host.networked(), 'ip', '-batch', '-'], { input: `${commands.join('\n')}\n` })
}

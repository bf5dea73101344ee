/** The bootstrap approver in every order in which a cluster may come up: `approve` started, pod network, workers. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Finished } from '../kit/child.ts'
import { eventually } from '../kit/until.ts'
import type { Cluster } from '../kubeadm/cluster.ts'
import type { Proof } from './proof.ts'
import { startLogPod, untilReached } from './steps/log-pods.ts'
import { nodesCreatedAt } from './steps/nodes.ts'
import { runProgram } from './steps/program.ts'
import type { Workspace } from './workspace.ts'

const EVENTS = ['init', 'approve', 'network', 'workers'] as const
type Event = (typeof EVENTS)[number]

/** After init in all orders; and `approve` before there is a kubeconfig. */
const ORDERS: readonly (readonly Event[])[] = [
  ['init', 'approve', 'network', 'workers'],
  ['init', 'approve', 'workers', 'network'],
  ['init', 'network', 'approve', 'workers'],
  ['init', 'network', 'workers', 'approve'],
  ['init', 'workers', 'approve', 'network'],
  ['init', 'workers', 'network', 'approve'],
  ['approve', 'init', 'network', 'workers'],
]

const WORKERS = ['worker-1', 'worker-2']
const NODES = ['control-plane', ...WORKERS]
const TIMEOUT_MS = 240_000
/** From the registration of a Node, or from the start of `approve` where that is later. Kubelets look for their approval by a watch. */
const SERVING_SECONDS = 15

export async function orders(proof: Proof, workspace: Workspace): Promise<void> {
  for (const [index, order] of ORDERS.entries()) {
    const title = order.join(', ')
    const cluster = workspace.cluster({ name: `order-${index + 1}`, network: false })
    await proof.step(title, () => comeUp(proof, cluster, order))
    await proof.step('The cluster ends', () => cluster.stop())
  }
}

async function comeUp(proof: Proof, cluster: Cluster, order: readonly Event[]): Promise<void> {
  const title = order.join(', ')
  let approving: { readonly since: number; readonly end: Promise<Finished> } | undefined
  let initiating: Promise<void> | undefined
  const steps: Record<Event, () => Promise<unknown>> = {
    init: () => (initiating ??= cluster.init()),
    network: () => cluster.completeNetwork(),
    workers: () => Promise.all(WORKERS.map((name) => cluster.join(name))),
    approve: async () => {
      initiating ??= cluster.init() // the machine must be there: not its kubeconfig
      initiating.catch(() => undefined) // awaited as a step
      await eventually('the host of the control plane boots', 10, async () => cluster.hosts.length > 0)
      const args = ['approve', '--expect=3', '--timeout=4m']
      approving = { since: Date.now(), end: runProgram(cluster, args, TIMEOUT_MS) }
      await sleep(1_000)
    },
  }
  for (const event of order) await steps[event]()
  if (approving === undefined) throw new Error(`the order ${title} has no approve`)
  const { code, stdout, stderr } = await approving.end
  proof.print(stdout + stderr)
  proof.holds(`${title}: approve ends with 0`, String(code), code === 0)
  const waits = await waitsIn(cluster, stdout, approving.since)
  proof.print([...waits].map(([node, seconds]) => `${node} waited ${seconds.toFixed(1)} s`).join('\n'))
  proof.holds(`${title}: approve saw every node serve`, [...waits.keys()].join(' '), waits.size === 3)
  proof.within(`${title}: the slowest node serves`, Math.max(...waits.values()) * 1_000, SERVING_SECONDS)
  await Promise.all(NODES.map((name) => startLogPod(cluster, name)))
  await untilReached(cluster, NODES, 30)
  proof.holds(`${title}: logs and exec work`, NODES.join(' '), true)
}

/** Seconds until each node was seen to serve, since its registration or the start of `approve`, whichever is later. */
async function waitsIn(
  cluster: Cluster,
  stdout: string,
  since: number,
): Promise<ReadonlyMap<string, number>> {
  const createdAt = await nodesCreatedAt(cluster)
  const waits = new Map<string, number>()
  for (const [, seconds, node = ''] of stdout.matchAll(/^ *\+([\d.]+) s {2}(\S+) {2}serving\b/gmu)) {
    const registered = createdAt.get(node) ?? Number.NaN
    waits.set(node, (registered + Number(seconds) * 1_000 - Math.max(registered, since)) / 1_000)
  }
  return waits
}

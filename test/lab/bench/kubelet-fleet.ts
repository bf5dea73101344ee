/** Kubelets with client-go's certificate manager, many in one process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { buildGoProgram, type GoProgram } from '../../kit/go-program.ts'
import { forEachOf } from './fleet.ts'

const FLEET: GoProgram = { name: 'fleet', folder: join(import.meta.dirname, '..', 'fleet') }
/** All their addresses: 10.64 the honest ones', 10.80 those they change to, 10.88 the liars' own. */
export const ADDRESSES = '10.64.0.0/11'
export const KUBELET_PORT = 10_250
/** Requests in flight while Nodes are made. */
const PARALLEL = 32

/** As the program reads it. */
export interface FleetNode {
  readonly name: string
  readonly dnsNames: readonly string[]
  readonly addresses: readonly string[]
  /** Reported in turns with `addresses`; empty for a Node that keeps them. */
  readonly otherAddresses: readonly string[]
  /** Of its machine, whatever it reports. */
  readonly ownAddresses: readonly string[]
  /** Whether it serves a certificate that it made itself, until it has another. */
  readonly selfMade: boolean
  /** An earlier node, which ends after `endsAfterMs`; this one starts so much later, and makes its Node itself. */
  readonly replaces?: string
  readonly endsAfterMs?: number
  readonly startsAfterMs?: number
}

interface FleetOptions {
  /** Whether each node answers on the kubelet's port of its own addresses. {@link ADDRESSES} must be of this machine. */
  readonly listeners: boolean
  /** The program ends by itself. */
  readonly limitMs: number
}

interface RunningFleet extends Disposable {
  start(nodes: readonly FleetNode[]): void
}

/** The path of the program. Rejects where it cannot be built. */
export async function buildFleet(print: (line: string) => void): Promise<string> {
  const built = await buildGoProgram(FLEET, print)
  if (!built.ok) throw new Error(built.because)
  return built.path
}

export function startFleet(
  program: string,
  cluster: ControlPlane,
  { listeners, limitMs }: FleetOptions,
): RunningFleet {
  const port = listeners ? [`--port=${KUBELET_PORT}`] : []
  const args = [`--kubeconfig=${cluster.adminKubeconfig}`, `--for=${limitMs}ms`, ...port]
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'] })
  return {
    start: (nodes) => void child.stdin.write(JSON.stringify(nodes)),
    [Symbol.dispose]: () => void child.kill(),
  }
}

/**
 * On each address of this machine a kubelet answers as one that has no certificate yet. That is what an approver sees which dials
 * while it judges a CSR. The kubelets of these benchmarks never get further: after an approval nobody dials.
 */
export async function answerAsWaiting(print: (line: string) => void): Promise<Disposable> {
  const args = ['--waiting', `--port=${KUBELET_PORT}`]
  const child = spawn(await buildFleet(print), args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit').then(() => {
    throw new Error('the kubelets do not listen')
  })
  ended.catch(() => undefined)
  await Promise.race([once(child.stdout, 'data'), ended])
  return { [Symbol.dispose]: () => void child.kill() }
}

/** Node objects without addresses. */
export async function makeNodes(cluster: ControlPlane, nodes: readonly FleetNode[]): Promise<void> {
  await forEachOf(nodes, PARALLEL, async ({ name }) => {
    await cluster.adminRequest('POST', '/api/v1/nodes', { metadata: { name } })
  })
}

/** Their Nodes report what they ask for. */
export async function reportAddresses(cluster: ControlPlane, nodes: readonly FleetNode[]): Promise<void> {
  await forEachOf(nodes, PARALLEL, async ({ name, dnsNames, addresses }) => {
    const reported = [
      ...dnsNames.map((address) => ({ type: 'Hostname', address })),
      ...addresses.map((address) => ({ type: 'InternalIP', address })),
    ]
    const status = { addresses: reported }
    await cluster.adminRequest('PATCH', `/api/v1/nodes/${name}/status`, { status })
  })
}

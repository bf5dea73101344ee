import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild } from '../kit/child.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { freePort } from '../kit/ports.ts'
import { untilReady } from '../kit/ready.ts'
import { servicePermissions } from '../kit/service/service-permissions.ts'

const ENTRY = join(import.meta.dirname, '../../cli/main.ts')
const READY_MS = 30_000

export interface ReplicaOptions {
  /** The URL by which it reaches the API server; default the cluster's own. */
  readonly server?: string
  /** Whether it shares the work with others by a Lease. */
  readonly leaderElect?: boolean
  /** The content of policy.yaml. */
  readonly policy?: string
  /** Default 0. */
  readonly drainSeconds?: number
  /** Port of a webhook on 127.0.0.1; without it there is only the controller. */
  readonly gatePort?: number
}

let replicas = 0

/** `kubelet-csr-gate serve` in a process of its own; resolves when it is ready. */
export async function startReplica(cluster: ControlPlane, options: ReplicaOptions = {}): Promise<Child> {
  const { server = cluster.url, leaderElect = false, policy = '', drainSeconds = 0, gatePort } = options
  const file = join(cluster.directory, `replica-${(replicas += 1)}`)
  await writeFile(`${file}.policy.yaml`, policy)
  const metricsPort = await freePort()
  const flags = {
    kubeconfig: await cluster.createServiceAccountKubeconfig(servicePermissions(cluster)),
    server,
    policy: `${file}.policy.yaml`,
    ...(await gateFlags(cluster, file, gatePort)),
    'metrics-listen': `127.0.0.1:${metricsPort}`,
    'leader-elect': leaderElect,
    'drain-seconds': drainSeconds,
    'log-level': 'debug',
  }
  const child = startChild({
    name: 'kubelet-csr-gate',
    path: process.execPath,
    args: [ENTRY, 'serve', ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)],
    logFile: `${file}.log`,
  })
  await untilReady(child, `http://127.0.0.1:${metricsPort}/readyz`, READY_MS)
  return child
}

async function gateFlags(cluster: ControlPlane, file: string, port: number | undefined) {
  if (port === undefined) return { webhook: false }
  const { certPem, keyPem } = await cluster.issue({ commonName: 'webhook', addresses: ['127.0.0.1'] })
  await writeFile(`${file}.crt`, certPem)
  await writeFile(`${file}.key`, keyPem, { mode: 0o600 })
  return { 'webhook-listen': `127.0.0.1:${port}`, 'tls-cert': `${file}.crt`, 'tls-key': `${file}.key` }
}

/** Creates CSRs at a steady rate while something else is done. */
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import type { Cluster } from '../../kubeadm/cluster.ts'
import { API_PORT } from '../../kubeadm/kubeadm.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import type { Proof } from '../proof.ts'
import type { LoadPlan, LoadResult, Pace } from './load.ts'
import { servingCsr } from './requests.ts'

/** What an honest kubelet asks, `perSecond` times a second by the credentials of `host`, while `work` runs. */
export async function underLoad(
  cluster: Cluster,
  host: Host,
  perSecond: number,
  work: () => Promise<void>,
): Promise<LoadResult> {
  const load = await startLoad(cluster, host, { perSecond })
  try {
    await work()
  } finally {
    load.end()
  }
  return load.result
}

/** The same a number of times, as fast as may be. */
export async function createMany(cluster: Cluster, host: Host, count: number): Promise<LoadResult> {
  return (await startLoad(cluster, host, { count })).result
}

interface RunningLoad {
  readonly end: () => void
  readonly result: Promise<LoadResult>
}

async function startLoad(cluster: Cluster, host: Host, pace: Pace): Promise<RunningLoad> {
  const { controlPlane } = cluster
  const plan: LoadPlan = {
    host: controlPlane.plan.address,
    port: API_PORT,
    caPem: await readFile(controlPlane.file('/etc/kubernetes/pki/ca.crt'), 'utf8'),
    identityPem: await host.run(['cat', '/var/lib/kubelet/pki/kubelet-client-current.pem']),
    csr: servingCsr(host, {}, 'load-'),
    pace,
  }
  const file = join(host.plan.directory, 'load.json')
  await writeFile(file, JSON.stringify(plan), { mode: 0o600 })
  const [nsenter = '', ...entered] = controlPlane.networked()
  const program = [process.execPath, join(import.meta.dirname, 'load.ts'), file]
  const load = spawn(nsenter, [...entered, ...program], { stdio: ['pipe', 'pipe', 'inherit'] })
  return { end: () => load.stdin.end(), result: text(load.stdout).then((told) => JSON.parse(told)) }
}

export function printLoad(
  proof: Proof,
  during: string,
  { created, failed, failures, slowestMs }: LoadResult,
): void {
  proof.print(
    [`${created} created, ${failed} failed, the slowest took ${slowestMs} ms`, ...failures].join('\n'),
  )
  proof.holds(
    `no create fails during ${during}`,
    `${failed} of ${created + failed}`,
    failed === 0 && created > 0,
  )
}

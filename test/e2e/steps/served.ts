/** What the webhook's pods serve, and that API servers have met it. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import { run } from '../../kit/child.ts'
import { eventually } from '../../kit/until.ts'
import type { Proof } from '../proof.ts'
import { NAMESPACE, RELEASE } from './product.ts'
import type { HandshakePlan, Served } from './handshake.ts'
import { trusted } from './issued.ts'
import { createMany, printLoad } from './under-load.ts'

/** By a handshake with every endpoint of the Service that trusts the caBundle of this moment alone. */
async function served(cluster: Cluster): Promise<readonly Served[]> {
  const plan: HandshakePlan = {
    endpoints: await endpoints(cluster),
    servername: `${RELEASE}.${NAMESPACE}.svc`,
    caPem: await trusted(cluster),
  }
  const program = [process.execPath, join(import.meta.dirname, 'handshake.ts')]
  const input = JSON.stringify(plan)
  return JSON.parse(await run([...cluster.controlPlane.networked(), ...program], { input }))
}

/** Waits until every pod serves a certificate; returns the milliseconds it took. */
export async function untilServed(cluster: Cluster, fingerprint: string, seconds: number): Promise<number> {
  const began = performance.now()
  await eventually('every pod serves the certificate', seconds, async () => {
    const all = await served(cluster)
    if (all.length > 0 && all.every((one) => one.fingerprint === fingerprint)) return true
    await sleep(LOOK_AGAIN_MS)
    return undefined
  })
  return performance.now() - began
}

/** Each look is two processes, beside a load that is measured. */
const LOOK_AGAIN_MS = 1_000

/** All that is served is by a CA of the caBundle. */
export async function checkVerified(proof: Proof, cluster: Cluster, when: string): Promise<void> {
  const all = await served(cluster)
  const problems = all.flatMap(({ problem }) => problem || [])
  const holds = all.length > 0 && problems.length === 0
  proof.holds(
    `the caBundle verifies what every pod serves ${when}`,
    problems.join(', ') || `${all.length} pods`,
    holds,
  )
}

/**
 * Has API servers open new connections, by more creates at once than they have connections for: one that is open goes
 * on with the certificate that it began with.
 */
export async function meet(proof: Proof, cluster: Cluster, requester: Host, what: string): Promise<void> {
  const before = new Set(await connections(cluster))
  const load = await createMany(cluster, requester, CREATES)
  const opened = (await connections(cluster)).filter((port) => !before.has(port)).length
  proof.holds(`API servers shake hands with ${what}`, `${opened} times`, opened > 0)
  printLoad(proof, `handshakes with ${what}`, load)
}

const CREATES = 200

/** The local ports of the API server's connections to the webhook. */
async function connections(cluster: Cluster): Promise<readonly string[]> {
  const service = ['get', 'service', RELEASE, `--namespace=${NAMESPACE}`, '-o=jsonpath={.spec.clusterIP}']
  const listed = await run([
    ...cluster.controlPlane.networked(),
    'ss',
    '--no-header',
    '--tcp',
    '--numeric',
    'state',
    'established',
    'dst',
    await kubectl(cluster, service),
  ])
  const lines = listed.split('\n').filter((line) => line !== '')
  return lines.map((line) => /:(\d+)\s/.exec(line)?.[1] ?? line)
}

interface EndpointSlices {
  readonly items: readonly {
    readonly ports: readonly { readonly name: string; readonly port: number }[]
    readonly endpoints: readonly { readonly addresses: readonly string[] }[] | null
  }[]
}

async function endpoints(cluster: Cluster): Promise<HandshakePlan['endpoints']> {
  const of = [`--namespace=${NAMESPACE}`, `--selector=kubernetes.io/service-name=${RELEASE}`]
  const slices: EndpointSlices = JSON.parse(
    await kubectl(cluster, ['get', 'endpointslices', ...of, '-o=json']),
  )
  return slices.items.flatMap((slice) =>
    (slice.endpoints ?? []).flatMap(({ addresses }) =>
      slice.ports.flatMap(({ port }) => addresses.map((host) => ({ host, port }))),
    ),
  )
}

/** Liars that claim the address of a node that lives, or lived. */
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../kit/until.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import { restartKubelet, startKubelet, stopKubelet } from '../../kubeadm/node.ts'
import type { Proof } from '../proof.ts'
import { forgetCertificate, untilServed } from '../steps/asked.ts'
import { certificateOf, csrsOf, eventsOf } from '../steps/csrs.ts'
import { decisionsOn } from '../steps/decisions.ts'
import { claim, report } from '../steps/liars.ts'
import { servingCsr, submitAsNode } from '../steps/requests.ts'

const SERVED_SECONDS = 5
const JOINS_SECONDS = 60
/** In which a claim would have been approved. */
const SETTLES_MS = 8_000

/** Before and after its CSRs left the cluster, and while its Node is deleted and made again. */
export async function againstLiving(proof: Proof, cluster: Cluster, liar: Host): Promise<void> {
  const victim = await cluster.join('victim-old')
  await untilServed(cluster, victim, JOINS_SECONDS)
  await refused(proof, cluster, { liar, victim }, 'while its CSRs are stored')
  await renews(proof, cluster, victim, 'while its CSRs are stored')

  await kubectl(cluster, ['delete', 'csr', '--all'])
  await refused(proof, cluster, { liar, victim }, 'once its CSRs are gone')
  await renews(proof, cluster, victim, 'once its CSRs are gone')
  await asksAnew(proof, cluster, victim, 'once its CSRs are gone')

  await kubectl(cluster, ['delete', 'csr', '--all'])
  await kubectl(cluster, ['delete', 'node', 'victim-old'])
  await refused(proof, cluster, { liar, victim }, 'while its Node is deleted')
  await restartKubelet(victim, cluster.binaries)
  await eventually('the kubelet registers again', 30, async () => {
    await kubectl(cluster, ['get', 'node', 'victim-old'])
    return true
  })
  await refused(proof, cluster, { liar, victim }, 'once its Node is made again')
  await renews(proof, cluster, victim, 'once its Node is made again')
  await asksAnew(proof, cluster, victim, 'once its Node is made again')
  await report(cluster, liar, [])
}

interface Pair {
  readonly liar: Host
  readonly victim: Host
}

/** A machine is gone, its Node with it, and another one has its address. */
export async function movedAddress(proof: Proof, cluster: Cluster): Promise<void> {
  const before = await cluster.join('mover-1')
  await untilServed(cluster, before, JOINS_SECONDS)
  const { address } = before.plan
  await cluster.end(before)
  await kubectl(cluster, ['delete', 'node', 'mover-1'])
  const after = await cluster.join('mover-2', { address })
  const elapsed = await untilServed(cluster, after, JOINS_SECONDS)
  proof.print(await decisionsOn(cluster, 'mover-2'))
  proof.within('an address that moved to a new machine: served after it asked', elapsed, SERVED_SECONDS)
  await cluster.end(after)
  await kubectl(cluster, ['delete', 'node', 'mover-2'])
}

async function refused(proof: Proof, cluster: Cluster, { liar, victim }: Pair, when: string): Promise<void> {
  const { csr, refusal } = await claim(cluster, liar, [victim.plan.address])
  await sleep(SETTLES_MS)
  const issued = csr === null ? undefined : await certificateOf(cluster, csr)
  const events = csr === null ? [] : await eventsOf(cluster, csr)
  const told = [refusal, ...events.map(({ reason, message }) => `${reason}: ${message}`)]
    .filter(Boolean)
    .join('\n')
  proof.print(told)
  const isTold = told.includes('AddressContested')
  proof.holds(
    `a living node’s address is refused to a liar ${when}`,
    issued === undefined ? (events.at(-1)?.reason ?? 'refused at creation') : 'issued',
    issued === undefined && isTold,
  )
}

/** As a kubelet whose certificate nears its end, which serves it meanwhile. */
async function renews(proof: Proof, cluster: Cluster, victim: Host, when: string): Promise<void> {
  const began = performance.now()
  const { code, stdout, stderr } = await submitAsNode(cluster, victim, servingCsr(victim, {}, 'renews-'), [
    '-o=name',
  ])
  if (code !== 0) return proof.holds(`the honest node renews ${when}`, stderr.trim(), false)
  await eventually('the renewal is issued', 30, () => certificateOf(cluster, stdout.trim()))
  proof.within(`the honest node renews ${when}`, performance.now() - began, SERVED_SECONDS)
}

/** As a kubelet on a disk that was lost, but for its credential. */
async function asksAnew(proof: Proof, cluster: Cluster, victim: Host, when: string): Promise<void> {
  await stopKubelet(victim)
  await forgetCertificate(victim)
  const before = new Set((await csrsOf(cluster, victim.plan.name)).map(({ metadata }) => metadata.name))
  await startKubelet(victim, cluster.binaries)
  await eventually('the kubelet asks', 30, async () =>
    (await csrsOf(cluster, victim.plan.name)).some(({ metadata }) => !before.has(metadata.name)),
  )
  const elapsed = await untilServed(cluster, victim, JOINS_SECONDS)
  proof.print(await decisionsOn(cluster, victim.plan.name))
  proof.within(`its kubelet, without its certificate, is served ${when}`, elapsed, SERVED_SECONDS)
}

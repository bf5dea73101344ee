/** An address at which nobody answers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../kit/until.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import type { Proof } from '../proof.ts'
import { certificateOf, eventsOf } from '../steps/csrs.ts'
import { type Claim, claim, newLiar, report, servedLiar } from '../steps/liars.ts'
import { releaseProof } from '../steps/product.ts'

/** One for each: who was granted the first holds it for ten minutes. */
const ABSENT = { warn: '198.51.100.201', require: '198.51.100.202' } as const
const APPROVED_SECONDS = 10
/** In which it would have been approved. */
const WAITS_MS = 15_000

/** Approved and told by default; under `require` it waits, told. */
export async function unansweredAddress(proof: Proof, cluster: Cluster): Promise<void> {
  const node = await servedLiar(cluster, 'two-homed')
  const began = performance.now()
  const told = await claim(cluster, node, [ABSENT.warn])
  await eventually('the address is approved', 60, () => certificateOf(cluster, told.csr ?? ''))
  proof.within('proof.addresses: warn: approved', performance.now() - began, APPROVED_SECONDS)
  await isTold(proof, cluster, told, 'warn')
  await report(cluster, node, [])

  await releaseProof(cluster, 'require')
  const waiting = await claim(cluster, await newLiar(cluster, 'three-homed'), [ABSENT.require])
  await sleep(WAITS_MS)
  const issued = waiting.csr === null ? '' : await certificateOf(cluster, waiting.csr)
  proof.holds(
    'proof: require: it waits',
    issued ? 'issued' : 'Pending after 15 s',
    waiting.csr !== null && !issued,
  )
  await isTold(proof, cluster, waiting, 'require')
  await releaseProof(cluster, 'warn')
}

async function isTold(
  proof: Proof,
  cluster: Cluster,
  { csr }: Claim,
  mode: keyof typeof ABSENT,
): Promise<void> {
  const event = await eventually(`${ABSENT[mode]} is told`, 20, async () =>
    (await eventsOf(cluster, csr ?? '')).find(({ message }) => message.includes(ABSENT[mode])),
  )
  proof.print(`${event.type} ${event.reason}: ${event.message}`)
  proof.holds(`proof: ${mode}: told by a warning`, `${event.type} ${event.reason}`, event.type === 'Warning')
}

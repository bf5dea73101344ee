/** Liars that claim the address of a node before it asks. */
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../kit/until.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import { restartKubelet } from '../../kubeadm/node.ts'
import type { Proof } from '../proof.ts'
import { untilAsked, untilServed } from '../steps/asked.ts'
import { certificateOf, createdAt, eventsOf, otherHolders } from '../steps/csrs.ts'
import { decisionsOn } from '../steps/decisions.ts'
import { admitCsrs, refuseCsrs } from '../steps/floor.ts'
import { type Claim, claim, newLiar, report } from '../steps/liars.ts'
import { releaseProof } from '../steps/product.ts'

const SERVED_SECONDS = 5
const JOINS_SECONDS = 60
/** A second of dialling, a second of the watch, and the Event. */
const TOLD_SECONDS = 5

/** The kubelet of the victim runs, and is kept from asking until every liar has claimed its address. */
export async function beforeTheQuestion(
  proof: Proof,
  cluster: Cluster,
  liars: readonly Host[],
): Promise<void> {
  await refuseCsrs(cluster, 'victim-1')
  const victim = await cluster.join('victim-1')
  const claims = await claimAll(cluster, liars, victim.plan.address)
  await sleep(TOLD_SECONDS * 1_000)
  await printTold(proof, cluster, claims)
  await admitCsrs(cluster)
  await restartKubelet(victim, cluster.binaries) // its next try would be up to half a minute away
  await servedInTime(proof, cluster, victim, 'claimed while its kubelet answers')
  await nobodyElse(proof, cluster, victim, 'claimed while its kubelet answers')
  await giveUp(cluster, liars)
}

/** Nothing answers at the address when the liars claim it. */
export async function beforeTheMachine(
  proof: Proof,
  cluster: Cluster,
  liars: readonly Host[],
  mode: 'warn' | 'require',
): Promise<void> {
  await releaseProof(cluster, mode)
  const name = mode === 'warn' ? 'victim-2' : 'victim-3'
  const address = mode === 'warn' ? '198.51.100.151' : '198.51.100.152'
  const claims = await claimAll(cluster, liars, address)
  await sleep(TOLD_SECONDS * 1_000)
  await printTold(proof, cluster, claims)
  const early = await otherHolders(cluster, address, name)
  proof.print(`${early.length} liars have a certificate for ${address} before its machine is there`)
  const victim = await cluster.join(name, { address })
  await servedInTime(proof, cluster, victim, `claimed before its machine is there, proof: ${mode}`)
  if (mode === 'require')
    await nobodyElse(proof, cluster, victim, 'claimed before its machine is there, proof: require')
  const again = await claimAll(cluster, liars, address)
  await sleep(TOLD_SECONDS * 1_000)
  const late = await issuedOf(
    cluster,
    again.map(({ csr }) => csr),
  )
  proof.holds(`claimed again once ${name} has it, proof: ${mode}`, `${late} liars served`, late === 0)
  await giveUp(cluster, liars)
  await releaseProof(cluster, 'warn')
}

/** Neither has a certificate, and both report the address. */
export async function twins(proof: Proof, cluster: Cluster): Promise<void> {
  await refuseCsrs(cluster, 'victim-twin')
  const liar = await newLiar(cluster, 'liar-new')
  const victim = await cluster.join('victim-twin')
  const claimed = await claim(cluster, liar, [victim.plan.address])
  await admitCsrs(cluster)
  await restartKubelet(victim, cluster.binaries)
  const asked = await untilAsked(cluster, 'victim-twin', JOINS_SECONDS)
  const told = await eventually('the contest is told', 30, async () => {
    const events = await eventsOf(cluster, asked.metadata.name)
    return events.find(({ message }) => message.includes('liar-new'))
  })
  proof.print(`${told.type} ${told.reason}: ${told.message}`)
  const both = told.message.includes('victim-twin') && told.message.includes('liar-new')
  proof.holds('a liar as new as its victim: told with both names', told.reason, both)
  proof.within(
    'a liar as new as its victim: told after the victim asked',
    told.at - createdAt(asked),
    TOLD_SECONDS,
  )
  await sleep(10_000)
  const count = await issuedOf(cluster, [claimed.csr, `csr/${asked.metadata.name}`])
  proof.holds('a liar as new as its victim: neither is served', `${count} served after 10 s`, count === 0)
  await kubectl(cluster, ['delete', 'node', 'liar-new'])
  const deleted = Date.now()
  await untilServed(cluster, victim, 60)
  proof.within('the victim is served once the liar is deleted', Date.now() - deleted, 15)
  await cluster.end(liar)
}

/** How many of these CSRs have a certificate. */
async function issuedOf(cluster: Cluster, csrs: readonly (string | null)[]): Promise<number> {
  const stored = csrs.filter((csr) => csr !== null)
  const certificates = await Promise.all(stored.map((csr) => certificateOf(cluster, csr)))
  return certificates.filter((certificate) => certificate !== undefined).length
}

async function claimAll(
  cluster: Cluster,
  liars: readonly Host[],
  address: string,
): Promise<readonly Claim[]> {
  const claims: Claim[] = []
  for (const liar of liars) claims.push(await claim(cluster, liar, [address]))
  return claims
}

/** What the first and the last liar were told. */
async function printTold(proof: Proof, cluster: Cluster, claims: readonly Claim[]): Promise<void> {
  for (const { liar, csr, refusal } of [claims[0], claims.at(-1)].filter((one) => one !== undefined)) {
    const events = csr === null ? [] : await eventsOf(cluster, csr)
    const lines = events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
    proof.print(
      `${liar.plan.name} claims ${csr ?? 'nothing stored'}: ${[...lines, refusal].filter(Boolean).join('\n')}`,
    )
  }
}

async function servedInTime(proof: Proof, cluster: Cluster, victim: Host, when: string): Promise<void> {
  const { name } = victim.plan
  const elapsed = await untilServed(cluster, victim, JOINS_SECONDS)
  proof.print(await decisionsOn(cluster, name))
  proof.within(`${name}, ${when}: served after it asked`, elapsed, SERVED_SECONDS)
}

async function nobodyElse(proof: Proof, cluster: Cluster, victim: Host, when: string): Promise<void> {
  const { name, address } = victim.plan
  const others = await otherHolders(cluster, address, name)
  proof.holds(`${name}, ${when}: no liar is served`, others.join(' ') || 'none', others.length === 0)
}

/** The liars report their own addresses alone. */
async function giveUp(cluster: Cluster, liars: readonly Host[]): Promise<void> {
  for (const liar of liars) await report(cluster, liar, [])
}

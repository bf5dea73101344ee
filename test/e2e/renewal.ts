/** The webhook's certificate by cert-manager: installed, renewed and its CA rolled, and no create may fail. */
import type { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Cluster } from '../kubeadm/cluster.ts'
import { kubectl } from '../kubeadm/kubectl.ts'
import { eventually } from '../kit/until.ts'
import type { Proof } from './proof.ts'
import { CREATES_PER_SECOND, STRICT, uninstall } from './rollout.ts'
import { installCertManager } from './steps/cert-manager.ts'
import { CERT_MANAGER_PROFILE, NAMESPACE, release } from './steps/product.ts'
import { CA, fingerprintsIn, issued, LEAF, renew, trusted, trustOnly } from './steps/issued.ts'
import { joinAndReach } from './steps/join.ts'
import { servingCsr, submitAsNode } from './steps/requests.ts'
import { meet, checkVerified, untilServed } from './steps/served.ts'
import { printLoad, underLoad } from './steps/under-load.ts'

/** On a cluster without a release, which it leaves so. */
export async function renewals(proof: Proof, cluster: Cluster): Promise<void> {
  await proof.step('cert-manager: its controllers and its injector', () => installCertManager(cluster))
  await proof.step('helm install with certificates by cert-manager, under failurePolicy Fail', () =>
    install(proof, cluster),
  )
  await proof.step('A worker joins', async () => {
    const elapsed = await joinAndReach(cluster, 'worker-4')
    proof.within('a new node serves logs and exec, from the appearance of its Node', elapsed, 20)
  })
  await proof.step(`The leaf is renewed under ${CREATES_PER_SECOND} creates a second`, () =>
    underCreates(proof, cluster, 'a renewal of the leaf', () =>
      renewLeaf(proof, cluster, 'the renewed leaf'),
    ),
  )
  await proof.step('The CA is rolled under the same load, then the leaf is renewed', () =>
    underCreates(proof, cluster, 'a roll of the CA', () => rollAuthority(proof, cluster)),
  )
  await proof.step('helm uninstall', async () => {
    await uninstall(proof, cluster, [`secret/${CA}`, `secret/${LEAF}`])
    await kubectl(cluster, ['delete', 'secret', CA, LEAF, `--namespace=${NAMESPACE}`])
  })
}

async function install(proof: Proof, cluster: Cluster): Promise<void> {
  const requester = cluster.host('worker-1')
  const began = performance.now()
  await release(cluster, ['-f', CERT_MANAGER_PROFILE, ...STRICT])
  await eventually('a create is let through', 60, async () => {
    const create = await submitAsNode(cluster, requester, servingCsr(requester, {}), ['--dry-run=server'])
    if (create.code !== 0) throw new Error(create.stderr)
    return true
  })
  proof.within('creates are let through, from helm install on', performance.now() - began, 60)
  const [authority, leaf] = [await issued(cluster, CA), await issued(cluster, LEAF)]
  const chain = leaf.verify(authority.publicKey) && authority.verify(authority.publicKey)
  proof.holds('the leaf is signed by the CA, the CA by itself', chain ? 'verified' : leaf.issuer, chain)
  await checkVerified(proof, cluster, 'after the installation')
}

async function underCreates(
  proof: Proof,
  cluster: Cluster,
  during: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const load = await underLoad(cluster, cluster.host('worker-1'), CREATES_PER_SECOND, async () => {
    await work()
  })
  printLoad(proof, during, load)
}

/** Until API servers have met the new one. */
async function renewLeaf(proof: Proof, cluster: Cluster, called: string): Promise<X509Certificate> {
  const leaf = await renew(cluster, LEAF)
  const elapsed = await untilServed(cluster, leaf.fingerprint256, 180)
  proof.within(`every pod serves ${called}, from its issuance on`, elapsed, 120)
  await checkVerified(proof, cluster, `with ${called}`)
  await meet(proof, cluster, cluster.host('worker-1'), called)
  return leaf
}

/** The new CA is trusted first, then signs, and at last is trusted alone. */
async function rollAuthority(proof: Proof, cluster: Cluster): Promise<void> {
  const old = await issued(cluster, CA)
  const authority = await renew(cluster, CA)
  const began = performance.now()
  const keys = [old, authority].map(({ publicKey }) => publicKey.export({ format: 'jwk' }).x)
  proof.holds(
    'a rolled CA has another key',
    keys[0] === keys[1] ? 'the same' : 'another',
    keys[0] !== keys[1],
  )
  const both = [old.fingerprint256, authority.fingerprint256]
  await eventually('the caBundle holds the old CA and the new', 30, async () =>
    fingerprintsIn(await trusted(cluster)).join() === both.join() ? true : undefined,
  )
  proof.within('the new CA is trusted beside the old one', performance.now() - began, 5)
  await checkVerified(proof, cluster, 'while the CA has rolled and the leaf has not')
  const leaf = await renewLeaf(proof, cluster, 'a leaf by the new CA')
  const signed = leaf.verify(authority.publicKey) && !leaf.verify(old.publicKey)
  proof.holds('the next leaf is signed by the new CA', signed ? 'verified' : 'not by it', signed)
  await trustAlone(proof, cluster, authority)
}

async function trustAlone(proof: Proof, cluster: Cluster, authority: X509Certificate): Promise<void> {
  await trustOnly(cluster, authority)
  await sleep(ALONE_MS)
  const left = fingerprintsIn(await trusted(cluster)).join()
  const alone = left === authority.fingerprint256
  proof.holds('the old CA, once taken out of the caBundle, stays out', alone ? 'the new alone' : left, alone)
  await checkVerified(proof, cluster, 'by the new CA alone')
}

/** For the injector to object, and for creates over connections of the new trust. */
const ALONE_MS = 5_000

/** Upgrades and a rollback, each while CSRs are being created and no create may fail; then the uninstallation. */
import type { Cluster } from '../kubeadm/cluster.ts'
import { kubectl, tryHelm } from '../kubeadm/kubectl.ts'
import { eventually } from '../kit/until.ts'
import type { Proof } from './proof.ts'
import { NAMESPACE, RELEASE, release } from './steps/product.ts'
import { remains } from './steps/remains.ts'
import { changeProfile } from './steps/profile.ts'
import { printLoad, underLoad } from './steps/under-load.ts'

export const CREATES_PER_SECOND = 20
/** From here on a create fails when no webhook answers it. */
export const STRICT = ['--set=webhook.failurePolicy=Fail', '--set=webhook.replicas=2']

export async function roll(proof: Proof, cluster: Cluster, upgrades: number): Promise<void> {
  const requester = cluster.host('worker-1')
  await proof.step('helm upgrade to failurePolicy Fail and two webhook pods', () => release(cluster, STRICT))
  const caBundle = await caBundleOf(cluster)
  await proof.step(`helm upgrade × ${upgrades} under ${CREATES_PER_SECOND} creates a second`, async () => {
    const result = await underLoad(cluster, requester, CREATES_PER_SECOND, async () => {
      for (let turn = 1; turn <= upgrades; turn += 1) {
        const began = performance.now()
        await release(cluster, [...STRICT, `--set-string=podAnnotations.turn=${turn}`])
        proof.print(`upgrade ${turn}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
      }
    })
    printLoad(proof, `${upgrades} upgrades under Fail`, result)
  })
  await proof.step('helm rollback under the same load', async () => {
    const result = await underLoad(cluster, requester, CREATES_PER_SECOND, async () => {
      await mustHelm(cluster, ['rollback', RELEASE, `--namespace=${NAMESPACE}`, '--wait', '--timeout=120s'])
    })
    printLoad(proof, 'a rollback under Fail', result)
  })
  await proof.step(`The profile changes, twice, under ${CREATES_PER_SECOND} creates a second`, () =>
    changeProfile(proof, cluster, { flags: STRICT, perSecond: CREATES_PER_SECOND }),
  )
  const kept = caBundle !== '' && (await caBundleOf(cluster)) === caBundle
  proof.holds(
    'upgrades, rollback and profile keep the caBundle that the pods wrote',
    kept ? 'kept' : 'changed',
    kept,
  )
}

/** Uninstalls and waits until the last pod has ended, which may write until then. Nothing but `others` may stay. */
export async function uninstall(
  proof: Proof,
  cluster: Cluster,
  others: readonly string[] = [],
): Promise<void> {
  await mustHelm(cluster, ['uninstall', RELEASE, `--namespace=${NAMESPACE}`, '--wait', '--timeout=60s'])
  await untilNoPods(cluster)
  const left = (await remains(cluster)).join(' ')
  const claim =
    others.length === 0
      ? 'helm uninstall leaves no object behind but the ledger and the Lease'
      : `helm uninstall leaves ${others.join(' and ')} behind`
  proof.holds(claim, left || 'none', left === others.join(' '))
}

async function untilNoPods(cluster: Cluster): Promise<void> {
  await eventually('the last pod has ended', 60, async () => {
    const pods = await kubectl(cluster, ['get', 'pods', `--namespace=${NAMESPACE}`, '-o=name'])
    return pods.trim() === '' ? true : undefined
  })
}

function caBundleOf(cluster: Cluster): Promise<string> {
  const path = '-o=jsonpath={.webhooks[*].clientConfig.caBundle}'
  return kubectl(cluster, ['get', 'validatingwebhookconfiguration', RELEASE, path])
}

async function mustHelm(cluster: Cluster, args: readonly string[]): Promise<void> {
  const { code, stderr } = await tryHelm(cluster, args)
  if (code !== 0) throw new Error(`helm ${args.join(' ')} ended with ${code}: ${stderr}`)
}

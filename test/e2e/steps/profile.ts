/** The profile changes while CSRs are created: no create may fail, and soon another pod leads. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import { eventually } from '../../kit/until.ts'
import type { Proof } from '../proof.ts'
import { NAMESPACE, RELEASE, release } from './product.ts'
import { printLoad, underLoad } from './under-load.ts'

/** The Lease is renewed every 2 s. */
const RENEWED_WITHIN_MS = 5_000
const LOOK_AGAIN_MS = 200
/** A leader that ends releases the Lease; a pod that starts has read its lists within seconds. */
const LEADERLESS_SECONDS = 15

/** Upgrades a release to the network of the node and back, with `flags` each time. */
export async function changeProfile(
  proof: Proof,
  cluster: Cluster,
  { flags, perSecond }: { readonly flags: readonly string[]; readonly perSecond: number },
): Promise<void> {
  // restricted forbids the network of the node
  await enforce(cluster, 'privileged')
  for (const profile of ['hostNetwork', 'cluster']) {
    const what = `a change to profile ${profile}`
    const watch = watchLeader(cluster)
    const load = await underLoad(cluster, cluster.host('worker-1'), perSecond, async () => {
      await release(cluster, [...flags, `--set=profile=${profile}`])
      await untilAlone(cluster, profile)
    })
    printLoad(proof, what, load)
    proof.within(`a pod leads throughout ${what}, but for`, await watch.end(), LEADERLESS_SECONDS)
  }
  await enforce(cluster, 'restricted')
}

async function enforce(cluster: Cluster, standard: string): Promise<void> {
  const label = `pod-security.kubernetes.io/enforce=${standard}`
  await kubectl(cluster, ['label', 'namespace', NAMESPACE, label, '--overwrite'])
}

/** Waits until the pods of the profile before have ended, and one of the new ones leads. */
async function untilAlone(cluster: Cluster, profile: string): Promise<void> {
  const expected = profile === 'hostNetwork' ? 2 : 3
  await eventually(`the pods of profile ${profile} are alone, and one leads`, 90, async () => {
    const pods = await kubectl(cluster, ['get', 'pods', `--namespace=${NAMESPACE}`, '-o=name'])
    const names = pods.trim().split('\n')
    const { holder } = await leader(cluster)
    return names.length === expected && names.some((name) => `pod/${holder}`.startsWith(`${name}_`))
  })
}

interface Leader {
  /** Begins with the name of the pod that holds the Lease; empty if none does. */
  readonly holder: string
  readonly renewed: number
}

async function leader(cluster: Cluster): Promise<Leader> {
  const lease = ['get', 'lease', RELEASE, `--namespace=${NAMESPACE}`, '-o=json']
  const { spec }: { spec: { holderIdentity?: string; renewTime?: string } } = JSON.parse(
    await kubectl(cluster, lease),
  )
  return { holder: spec.holderIdentity ?? '', renewed: Date.parse(spec.renewTime ?? '') }
}

/** Looks at the Lease until its end, which returns the milliseconds for which nobody led. */
function watchLeader(cluster: Cluster): { readonly end: () => Promise<number> } {
  const ending = new AbortController()
  const watching = (async () => {
    let [leaderlessMs, before] = [0, performance.now()]
    while (!ending.signal.aborted) {
      const { holder, renewed } = await leader(cluster)
      const now = performance.now()
      const leads = holder !== '' && Date.now() - renewed < RENEWED_WITHIN_MS
      if (!leads) leaderlessMs += now - before
      before = now
      await sleep(LOOK_AGAIN_MS)
    }
    return leaderlessMs
  })()
  watching.catch(() => undefined) // awaited at the end
  return {
    end: () => {
      ending.abort()
      return watching
    },
  }
}

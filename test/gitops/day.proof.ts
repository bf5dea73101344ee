/** A short day of a release that a GitOps controller installed. After each step, nothing may have drifted. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { JsonObject } from '../../server/ports.ts'
import { FULLNAME, NAMESPACE } from '../chart/helm.ts'
import { otherVersion } from '../chart/other-version.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { GitopsController } from './controller.ts'
import { desired, type Rendering } from './desired.ts'
import { certifyNode } from './nodes.ts'
import { remains } from './remains.ts'
import { loseSecret, replaceAuthority } from './rotations.ts'
import { LEASE, RunningPods } from './running-pods.ts'

/** The pods dial no address that a made-up node reports. */
const values = { policy: { proof: { addresses: 'off' } } }
/** Set by the upgrade, and taken back. */
const upgraded = {
  podAnnotations: { mark: 'upgraded' },
  commonLabels: { team: 'platform' },
  drainSeconds: 5,
  policy: { proof: { addresses: 'off' }, patienceSeconds: 60 },
}

test('a day of the default installation leaves no drift and no conflict; pruned, it leaves its ledger and its Lease', async (t) => {
  await using cluster = await startControlPlane()
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  const gitops = new GitopsController(cluster, 'argocd-controller')
  {
    await using pods = new RunningPods(cluster)
    await live(t, { cluster, gitops, pods })
    await gitops.prune()
  }
  const ledger = new RegExp(`^configmap/${FULLNAME}-ledger-\\d\\d$`)
  const left = await remains(cluster)
  assert.ok(left.some((name) => ledger.test(name)))
  assert.deepEqual(
    left.filter((name) => !ledger.test(name)),
    [`lease/${FULLNAME}`],
  )
})

interface Place {
  readonly cluster: ControlPlane
  readonly gitops: GitopsController
  readonly pods: RunningPods
}

async function live(t: TestContext, { cluster, gitops, pods }: Place): Promise<void> {
  let objects: readonly JsonObject[] = []
  const sync = async (rendering: Pick<Rendering, 'values' | 'chart'>) => {
    objects = await desired({ ...rendering, minor: cluster.minor })
    assert.deepEqual(await gitops.sync(objects), [])
  }
  const step = async (title: string, work: () => Promise<unknown>) => {
    const began = performance.now()
    await work()
    assert.deepEqual(await gitops.drift(objects), [], title)
    t.diagnostic(`${((performance.now() - began) / 1_000).toFixed(1)} s: ${title}`)
  }
  await step('synced, the pods are ready and one leads', async () => {
    await sync({ values })
    await pods.roll(objects)
  })
  await step('a node is certified, and the ledger is written', () => certifyNode(cluster))
  const replaced = replaceAuthority(cluster)
  replaced.catch(() => undefined)
  // the next leader sees the request for a CA as it starts
  await step('another pod leads', () => pods.changeLeader())
  await step('the Lease is deleted, and made again by the pods', async () => {
    await cluster.adminRequest('DELETE', LEASE)
    await pods.untilOneLeads()
  })
  await step('upgraded to another version with other values', async () => {
    const chart = await otherVersion(cluster.directory, '9.9.9+0123456789ab')
    await sync({ values: upgraded, chart })
    await pods.roll(objects)
  })
  await step('another node is certified', () => certifyNode(cluster))
  await step('back to the first version and values', async () => {
    await sync({ values })
    await pods.roll(objects)
  })
  await step('the CA of the webhook is replaced', () => replaced)
  await step('the Secret is deleted, synced, and filled again by the pods', () =>
    loseSecret(cluster, () => sync({ values })),
  )
}

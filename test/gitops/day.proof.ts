import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FULLNAME, NAMESPACE } from '../chart/helm.ts'
import { startControlPlane } from '../control-plane/control-plane.ts'
import { GitopsController } from './controller.ts'
import { Day } from './day.ts'
import { remains } from './remains.ts'
import { bySelfSigning } from './rotations.ts'

test('a short day of the default installation leaves no drift and no conflict; pruned, it leaves its ledger and its Lease', async (t) => {
  await using cluster = await startControlPlane()
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  const gitops = new GitopsController(cluster, 'argocd-controller')
  // the pods dial no address that a made-up node reports
  const values = { policy: { proof: 'off' } }
  const place = { cluster, gitops, values, rotation: bySelfSigning(cluster) }
  const day = new Day(place, ({ step, seconds }) => t.diagnostic(`${seconds.toFixed(1)} s: ${step}`))
  {
    await using lived = day
    await lived.begin()
    const replaced = await lived.beginReplacingAuthority()
    // the next leader sees the request for a CA as it starts
    await lived.changeLeader()
    await lived.loseLease()
    await lived.upgradeAndReturn({ withPods: false })
    await replaced()
    await gitops.prune()
  }
  for (const { step, problems } of day.done) assert.deepEqual(problems, [], step)
  const ledger = new RegExp(`^configmap/${FULLNAME}-ledger-\\d\\d$`)
  const left = await remains(cluster)
  assert.ok(left.some((name) => ledger.test(name)))
  assert.deepEqual(
    left.filter((name) => !ledger.test(name)),
    [`lease/${FULLNAME}`],
  )
})

/** Who leads while the state of the cluster is not known. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectAt, textAt } from '../../../server/json.ts'
import { answering } from '../../embedded/faults.ts'
import { until } from '../../kit/until.ts'
import { STARTED_MS, World } from './world.ts'

const busy = answering({ code: 503, reason: 'ServiceUnavailable', message: 'busy' })
const holder = ({ leases }: World): string =>
  textAt(objectAt(leases.get('kubelet-csr-gate') ?? {}, 'spec'), 'holderIdentity')

test('a replica that cannot read the Nodes does not take the Lease, and takes it once it can', async () => {
  await using world = await World.create()
  const { api } = world
  api.plan(busy, ({ url }) => url?.startsWith('/api/v1/nodes') ?? false, Infinity)
  await world.run({ leaderElect: true })
  const looks = () => api.heard.filter(({ url }) => url.includes('/leases/')).length
  await until(() => looks() > 2, 'it has looked at the Lease several times', STARTED_MS)
  assert.equal(holder(world), '')
  api.forgetPlans()
  await until(() => holder(world) !== '', 'it leads', STARTED_MS)
})

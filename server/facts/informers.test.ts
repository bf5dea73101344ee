import assert from 'node:assert/strict'
import test from 'node:test'
import { answering } from '../../test/embedded/faults.ts'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { heapInUse } from '../../test/kit/heap.ts'
import { unexamined } from './store.fixture.ts'
import { keepCsr } from './stored-csr.ts'
import { parseObject } from '../kube/api-answer.ts'
import { ObjectStore } from '../kube/store.ts'
import { connect } from '../kube/transport.ts'
import { createInformers, csrQuery } from './informers.ts'
import { readUnverified } from '../pkcs10/request.ts'

const MIB = 1_048_576
const USERS = 2_000
const CSRS_EACH = 16

function pendingCsr(user: number, number: number): Buffer {
  const metadata = {
    name: `csr-${user}-${number}`,
    uid: `11111111-2222-3333-4444-${String(user * CSRS_EACH + number).padStart(12, '0')}`,
    resourceVersion: String(1_000_000 + number),
    creationTimestamp: '2026-11-24T08:00:00Z',
  }
  const spec = {
    request: 'A'.repeat(4_000),
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
    username: `system:node:hostile-${user}`,
    groups: ['system:nodes', 'system:authenticated'],
  }
  return Buffer.from(JSON.stringify({ metadata, spec, status: {} }))
}

const busy = answering({ code: 503, reason: 'ServiceUnavailable', message: 'busy' })

/** All lists of an API server. */
async function begin(t: test.TestContext) {
  const api = await FaultyApi.start()
  const { log, recorder } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  const informers = createInformers({
    cluster,
    log,
    recorder,
    read: readUnverified,
    compareIssued: unexamined,
  })
  t.after(async () => {
    await informers.stop()
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  const started = async (): Promise<void> => {
    informers.start()
    await until(() => informers.synced(), 'every list has been read')
  }
  return { api, informers, started }
}

test('the pending CSRs of 2,000 users take no more than their budget and 420 bytes each, and none is lost', (t) => {
  const { log } = listen()
  const store = new ObjectStore({ ...csrQuery, select: keepCsr(readUnverified, unexamined), log })
  const before = heapInUse()
  for (let user = 0; user < USERS; user += 1) {
    for (let number = 0; number < CSRS_EACH; number += 1) {
      const parsed = parseObject(pendingCsr(user, number))
      assert.ok(parsed.ok)
      store.apply({ readable: true, object: parsed.object }, false)
    }
  }
  const grown = heapInUse() - before
  t.diagnostic(`${(grown / MIB).toFixed(1)} MiB`)
  assert.equal(store.size, USERS * CSRS_EACH)
  assert.ok(grown < 16 * MIB + USERS * CSRS_EACH * 420, `${grown / MIB} MiB`)
  assert.ok(grown > 16 * MIB, 'the budget is used')
})

test('of one user the 64 newest pending CSRs are kept, and none of its approved ones goes for them', () => {
  const { log } = listen()
  const store = new ObjectStore({ ...csrQuery, select: keepCsr(readUnverified, unexamined), log })
  const put = (number: number, status: object): void => {
    const parsed = parseObject(pendingCsr(1, number))
    assert.ok(parsed.ok)
    store.apply(
      { readable: true, object: { ...parsed.object, status: JSON.parse(JSON.stringify(status)) } },
      false,
    )
  }
  for (let number = 0; number < 20; number += 1) put(number, { conditions: [{ type: 'Approved' }] })
  for (let number = 20; number < 100; number += 1) put(number, {})
  const kept = [...store.values()]
  assert.equal(kept.filter(({ pending }) => pending === null).length, 20)
  assert.equal(kept.filter(({ pending }) => pending !== null).length, 64)
})

test('what the cluster reserves is told when it changes, and not when it comes again', async (t) => {
  const { api, informers, started } = await begin(t)
  let changes = 0
  informers.onReservations(() => (changes += 1))
  const ranges = api.collection('/apis/networking.k8s.io/v1/servicecidrs')
  const report = (cidr: string) => ranges.put({ metadata: { name: 'kubernetes' }, spec: { cidrs: [cidr] } })
  report('10.96.0.0/12')
  await started()
  assert.equal(changes, 1)
  report('10.96.0.0/12')
  const last = report('10.96.0.0/12')
  ranges.end('closed')
  const isResumed = ({ url }: { readonly url: string }) =>
    url.includes(`servicecidrs?`) && url.includes(`resourceVersion=${last.metadata.resourceVersion}&`)
  await until(() => api.heard.some(isResumed), 'both were heard')
  assert.equal(changes, 1)
  report('10.112.0.0/12')
  await until(() => changes === 2, 'the change is told')
})

test('all lists are followed unless one cannot be read', async (t) => {
  const { api, informers, started } = await begin(t)
  api.plan(busy, ({ url }) => url?.startsWith('/api/v1/nodes') ?? false, Infinity)
  informers.start()
  await until(() => informers.tried(), 'every list was asked for')
  assert.deepEqual([informers.followed(), informers.synced()], [false, false])
  api.forgetPlans()
  await started()
  await until(() => informers.followed(), 'all are followed')
})

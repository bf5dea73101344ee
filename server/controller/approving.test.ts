import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { defaultRules } from '../../policies/good-request.fixture.ts'
import type { NodeFacts } from '../../policies/types.ts'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { FactCache } from '../facts/fact-cache.ts'
import { FakeStore } from '../facts/store.fixture.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import { objectAt, textAt } from '../json.ts'
import { connect } from '../kube/transport.ts'
import { Ledger } from '../ledger/ledger.ts'
import { addApproval } from '../ledger/record.ts'
import type { LedgerPlace, Shard } from '../ledger/shard.ts'
import { NOT_READ } from '../judge.ts'
import { Activity } from './activity.ts'
import { startApproving } from './approving.ts'

const PLACE: LedgerPlace = { namespace: 'webhook', name: 'ledger' }
const LEASE = 'controller'

/** A leader without CSRs, and its ledger, which has been read. */
async function begin(t: TestContext) {
  const api = await FaultyApi.start()
  const leases = api.collection('/apis/coordination.k8s.io/v1/namespaces/webhook/leases')
  api.collection('/api/v1/namespaces/webhook/configmaps')
  const { log, recorder, said } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  const ledger = new Ledger({ place: PLACE, store: new FakeStore<Shard>({}, 'the ledger'), log })
  const lists = { csrs: new FakeStore<StoredCsr>(), nodes: new FakeStore<NodeFacts>({}, 'Nodes') }
  const facts = new FactCache(
    {
      ...lists,
      reservations: () => [],
      serviceAddresses: () => new FakeStore({}),
      prober: null,
      apiServer: () => cluster.apiServer(),
      ledger,
      now: () => cluster.clock.serverNow(),
    },
    () => NOT_READ,
  )
  const informers = { ...lists, followed: () => true }
  const approving = startApproving({
    config: {
      namespace: PLACE.namespace,
      leaderElection: { leaderElect: true, resourceName: LEASE },
      webhook: { enabled: false },
    },
    identity: 'one',
    ledgerPlace: PLACE,
    cluster,
    judging: {
      informers,
      facts,
      ledger,
      judge: () => Promise.reject(new Error('there is no CSR')),
      subscribe: () => undefined,
    },
    rules: () => defaultRules,
    activity: new Activity(cluster.clock),
    report: () => undefined,
    notify: () => undefined,
    log,
    recorder,
  })
  t.after(async () => {
    await approving.stop()
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  const holder = () => textAt(objectAt(leases.get(LEASE), 'spec'), 'holderIdentity')
  await until(() => said.includes('info: this replica became the leader'), 'it leads')
  return { api, approving, ledger, holder }
}

test('at its end the leader writes the ledger before it gives the Lease back', async (t) => {
  const { api, approving, ledger, holder } = await begin(t)
  ledger.put(
    addApproval(undefined, {
      node: 'n1',
      uid: 'uid-of-n1',
      grant: { csr: 'csr-of-n1', key: 'n1', credentialId: null, approvedAt: 1, notAfter: 1e15 },
      claims: ['dNSName:n1'],
      seen: new Map(),
    }),
  )
  const before = api.heard.length
  await approving.stop()
  const sent = api.heard
    .slice(before)
    .filter(({ method }) => method !== 'GET')
    .map(({ url }) => (url.includes('/leases') ? 'Lease' : 'ledger'))
  assert.deepEqual([sent.at(0), sent.at(-1), holder()], ['ledger', 'Lease', ''])
})

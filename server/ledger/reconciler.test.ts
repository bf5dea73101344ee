import { deepEqual } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { NodeFacts } from '../../policies/types.ts'
import { defaultRules } from '../../policies/good-request.fixture.ts'
import { FakeStore } from '../facts/store.fixture.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import { objectAt } from '../json.ts'
import type { ApiAnswer, ApiCall } from '../ports.ts'
import { Ledger } from './ledger.ts'
import { addApproval } from './record.ts'
import { LedgerReconciler } from './reconciler.ts'
import { DATA_KEY, type LedgerPlace, readShard, type Shard, shardNames, shardOf } from './shard.ts'

const place: LedgerPlace = { namespace: 'ns', name: 'gate-ledger' }
const silent = (): void => undefined
const CREATED: ApiAnswer = { ok: true, status: 201, object: { metadata: { resourceVersion: '1' } } }
const log = { debug: silent, info: silent, warn: silent, error: silent }

/** A ledger that was read, with a grant for each Node that is in no ConfigMap yet, and what is called of the API server. */
function begin(
  t: TestContext,
  { isLeader = true, nodes = ['n1'], busy = true, stored = {}, answer = CREATED } = {},
) {
  const ledger = new Ledger({ place, store: new FakeStore<Shard>(stored, 'the ledger'), log })
  for (const node of nodes)
    ledger.put(
      addApproval(undefined, {
        node,
        uid: `uid-of-${node}`,
        grant: { csr: `csr-of-${node}`, key: node, credentialId: null, approvedAt: 1, notAfter: 1e12 },
        claims: [`dNSName:${node}`],
        seen: new Map(),
      }),
    )
  const calls: ApiCall[] = []
  const leader = { leads: isLeader }
  const reconciler = new LedgerReconciler({
    ledger,
    place,
    nodes: new FakeStore<NodeFacts>({}, 'Nodes'),
    csrs: new FakeStore<StoredCsr>(),
    rules: () => defaultRules,
    api: {
      async call(call) {
        calls.push(call)
        return answer
      },
    },
    clock: { serverNow: () => 1, monotonic: () => 1 },
    log,
    isLeader: () => leader.leads,
    mayWrite: () => true,
    isInformed: () => true,
    busy: () => busy,
    wrote: silent,
    tellReleased: silent,
  })
  t.after(() => reconciler.stop())
  return { ledger, leader, reconciler, calls }
}

test('what is not written yet is written at the end, although writes wait for decisions', async (t) => {
  const nodes = ['n1', 'n2', 'n3']
  const { ledger, reconciler, calls } = begin(t, { nodes })
  await reconciler.turn()
  deepEqual(calls, [])
  await reconciler.stop()
  deepEqual([calls.length, ledger.dirty().size], [new Set(nodes.map(shardOf)).size, 0])
})

test('at its end a replica that does not lead writes nothing', async (t) => {
  const { reconciler, calls } = begin(t, { isLeader: false })
  await reconciler.stop()
  deepEqual(calls, [])
})

test('a write that is ready after another replica leads is not sent', async (t) => {
  const { leader, reconciler, calls } = begin(t, { busy: false })
  await reconciler.turn()
  leader.leads = false
  deepEqual(
    calls.map(({ maySend }) => maySend?.()),
    [false],
  )
})

test('a ConfigMap that cannot be written does not keep the others from it', async (t) => {
  const nodes = ['n1', 'n2', 'n3']
  const answer: ApiAnswer = { ok: false, status: 403, reason: 'Forbidden', message: 'no', retryAfterMs: null }
  const { reconciler, calls } = begin(t, { nodes, busy: false, answer })
  const shards = new Set(nodes.map(shardOf)).size
  for (let turn = 0; turn < shards; turn += 1) await reconciler.turn()
  deepEqual(new Set(calls.map(({ body }) => objectAt(objectAt(body, 'metadata'))['name'])).size, shards)
})

test('a ConfigMap of a newer version is left as it is', async (t) => {
  const name = shardNames(place)[shardOf('n1')] ?? ''
  const newer = readShard({
    metadata: { name, resourceVersion: '1' },
    data: { [DATA_KEY]: '{"version":9}\n' },
  })
  const { ledger, reconciler, calls } = begin(t, { busy: false, stored: { [`ns/${name}`]: newer } })
  await reconciler.turn()
  deepEqual([ledger.problemOf(shardOf('n1'))?.kind, ledger.dirty().size, calls], ['newer', 1, []])
})

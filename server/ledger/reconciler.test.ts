import { deepEqual } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { NodeFacts } from '../../policies/types.ts'
import { defaultRules } from '../../policies/good-request.fixture.ts'
import { FakeStore } from '../facts/store.fixture.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import type { ApiCall } from '../ports.ts'
import { Ledger } from './ledger.ts'
import { addApproval } from './record.ts'
import { LedgerReconciler } from './reconciler.ts'
import { type LedgerPlace, type Shard, shardOf } from './shard.ts'

const place: LedgerPlace = { namespace: 'ns', name: 'gate-ledger' }
const silent = (): void => undefined
const log = { debug: silent, info: silent, warn: silent, error: silent }

/** A ledger that was read, with a grant for each Node that is in no ConfigMap yet, and what is called of the API server. */
function begin(t: TestContext, { isLeader = true, nodes = ['n1'] } = {}) {
  const ledger = new Ledger({ place, store: new FakeStore<Shard>({}, 'the ledger'), log })
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
  const reconciler = new LedgerReconciler({
    ledger,
    place,
    nodes: new FakeStore<NodeFacts>({}, 'Nodes'),
    csrs: new FakeStore<StoredCsr>(),
    rules: () => defaultRules,
    api: {
      async call(call) {
        calls.push(call)
        return { ok: true, status: 201, object: { metadata: { resourceVersion: '1' } } }
      },
    },
    clock: { serverNow: () => 1, monotonic: () => 1 },
    log,
    isLeader: () => isLeader,
    mayWrite: () => true,
    isInformed: () => true,
    busy: () => true,
    wrote: silent,
    tellReleased: silent,
  })
  t.after(() => reconciler.stop())
  return { ledger, reconciler, calls }
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

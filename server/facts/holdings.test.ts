import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { NodeFacts } from '../../policies/types.ts'
import { Ledger } from '../ledger/ledger.ts'
import { addApproval, pruned } from '../ledger/record.ts'
import { type Shard, shardNames } from '../ledger/shard.ts'
import { Claims, claimKey } from './claims.ts'
import { Holdings } from './holdings.ts'
import { FakeStore } from './store.fixture.ts'
import type { StoredCsr } from './stored-csr.ts'
import { StoredRequests } from './stored-requests.ts'

const MINUTE = 60_000
const START = 1_767_225_600_000
const ADDRESS = 'c6336407'
const value = { kind: 'iPAddress', value: ADDRESS, claim: claimKey('iPAddress', ADDRESS) } as const
const n1: NodeFacts = {
  name: 'n1',
  uid: 'u1',
  createdAt: START - MINUTE,
  deleting: false,
  uninitialized: false,
  controlPlane: false,
  names: ['n1'],
  addresses: [],
}
const approved: StoredCsr = {
  name: 'csr-1',
  uid: 'csr-1',
  createdAt: START,
  username: 'system:node:n1',
  approvedAt: START,
  claims: [value.claim],
  pending: null,
  failure: null,
  byUs: true,
  issued: null,
}

/** n1 was granted the address at the start. Its Node no longer reports it, or is gone; the CSR is still stored. */
function begin(node: NodeFacts | undefined) {
  let now = START
  const nodes = new FakeStore<NodeFacts>(node === undefined ? {} : { n1: node }, 'Nodes')
  const place = { namespace: 'ns', name: 'ledger' }
  const ledger = new Ledger({ place, store: new FakeStore<Shard>({}, shardNames(place).join()) })
  const csrs = new FakeStore<StoredCsr>({ 'csr-1': approved })
  const holdings = new Holdings({
    nodes,
    arrivals: { precedence: () => 2, reportedMs: () => undefined, goneMs: () => now - START },
    claims: new Claims(nodes),
    stored: new StoredRequests(csrs, () => ({ readable: false, code: 'NotRead', at: 0, message: '' })),
    ledger,
    now: () => now,
  })
  const leftForMs = () => holdings.of(value).map(({ leftAt }) => now - (leftAt ?? now))
  return { ledger, leftForMs, pass: (ms: number) => (now += ms) }
}

test('what a Node left counts as left by the ledger, and is held by nobody once the ledger forgot it', () => {
  const { ledger, leftForMs, pass } = begin(n1)
  const grant = { csr: 'csr-1', key: 'k', credentialId: null, approvedAt: START, notAfter: START + 1e9 }
  const [granted] = [
    addApproval(undefined, { node: 'n1', uid: 'u1', grant, claims: [value.claim], seen: new Map() }),
  ]
  const left = { ...granted, values: granted.values.map((one) => ({ ...one, leftAt: START })) }
  ledger.put(left)
  pass(9 * MINUTE)
  deepEqual(leftForMs(), [9 * MINUTE])
  pass(2 * MINUTE)
  ledger.put(pruned(left, START + 11 * MINUTE) ?? left)
  deepEqual(leftForMs(), [])
})

test('the stored CSR of a Node that was gone before the ledger knew of it is left since the Node is gone', () => {
  const { leftForMs, pass } = begin(undefined)
  pass(11 * MINUTE)
  deepEqual(leftForMs(), [11 * MINUTE])
})

test('what is only in a stored CSR is held while the Node exists', () => {
  const { leftForMs, pass } = begin({ ...n1, addresses: [ADDRESS] })
  pass(11 * MINUTE)
  equal(leftForMs()[0], 0)
})

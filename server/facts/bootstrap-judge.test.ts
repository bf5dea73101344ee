import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRules, goodNode } from '../../policies/good-request.fixture.ts'
import type { NodeFacts } from '../../policies/types.ts'
import { buildRequest } from '../../test/kit/requests/request.ts'
import { readUnverified } from '../pkcs10/request.ts'
import { createBootstrapJudge } from './bootstrap-judge.ts'
import { FactCache } from './fact-cache.ts'
import type { Reservations } from './reservations.ts'
import { FakeStore, noGrants } from './store.fixture.ts'
import type { StoredCsr } from './stored-csr.ts'

const caller = { username: 'system:bootstrap:a1b2c3', uid: '', groups: ['system:bootstrappers'], extra: {} }

/** What a joining kubelet asks: no names, no addresses, an empty set of attributes. */
const clientRequest = (node: string) =>
  buildRequest({ commonName: `system:node:${node}`, attributes: [] }).request

function begin() {
  const nodes = new FakeStore<NodeFacts>({ 'cp-1': { ...goodNode, name: 'cp-1' } }, 'Nodes')
  const csrs = new FakeStore<StoredCsr>({}, 'CSRs')
  const serviceCidrs = new FakeStore<Reservations>({}, 'Service ranges')
  const serviceAddresses = () => serviceCidrs
  const reservations = () => [serviceCidrs]
  const apiServer = () => ({ host: '192.0.2.10', certificateNames: [], certificateAddresses: [] })
  const facts = new FactCache(
    { nodes, csrs, reservations, serviceAddresses, apiServer, ledger: noGrants, prober: null, now: Date.now },
    readUnverified,
  )
  const judge = createBootstrapJudge({
    facts,
    parsed: { read: readUnverified },
  })
  const reasonFor = (node: string) => {
    const csr = Object(null)
    return judge({ csr, request: clientRequest(node) }, caller, defaultRules.hash).reason
  }
  return { nodes, reasonFor }
}

test('the request of a joining kubelet is read, and its Node is looked for', () => {
  const { nodes, reasonFor } = begin()
  assert.equal(reasonFor('cp-1'), 'NodeExists')
  assert.equal(reasonFor('cp-10'), 'Conforms')
  nodes.set('cp-1', undefined)
  assert.equal(reasonFor('cp-1'), 'Conforms')
})

test('a Node that cannot be read, and a list that is old, are not known', () => {
  const { nodes, reasonFor } = begin()
  nodes.unreadable.add('cp-2')
  assert.equal(reasonFor('cp-2'), 'NodesUnknown')
  nodes.ageMs = 75_001
  assert.equal(reasonFor('new'), 'NodesUnknown')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRules } from '../../policies/rules.ts'
import { defaultSettings } from '../../policies/settings.ts'
import type { CsrObject, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import type { Api, ApiAnswer, CsrReading, Judge, JudgeInput } from '../ports.ts'
import { ClusterGatherer } from './gather.ts'
import { createJudge } from './judge.ts'
import type { Reservations } from './reservations.ts'
import { FakeStore } from './store.fixture.ts'

const NOW = Date.parse('2026-11-24T08:00:00Z')
const requester = {
  username: 'system:node:n1',
  uid: '',
  groups: ['system:nodes', 'system:authenticated'],
  extra: {},
}

const parsed: ParsedRequest = {
  readable: true,
  subject: [
    [{ oid: '2.5.4.10', encoding: 'PrintableString', value: 'system:nodes', at: 10 }],
    [{ oid: '2.5.4.3', encoding: 'PrintableString', value: 'system:node:n1', at: 20 }],
  ],
  attributes: [{ oid: '1.2.840.113549.1.9.14', values: 1, at: 30 }],
  extensions: [{ oid: '2.5.29.17', critical: false, at: 40 }],
  sans: [
    { kind: 'dNSName', value: 'n1', at: 50 },
    { kind: 'iPAddress', value: 'c6336401', at: 60 },
  ],
  key: { type: 'ECDSA', curve: 'P-256', bits: 256, at: 70 },
  signature: { algorithm: 'ECDSA-SHA256', fitsKey: true, verified: true, at: 80 },
  spkiSha256: '00',
}

function csr(changes: Partial<CsrObject> = {}): CsrObject {
  return {
    name: 'csr-1',
    uid: 'c1',
    createdAt: NOW - 1_000,
    deleting: false,
    finalizers: 0,
    ownerReferences: 0,
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
    expirationSeconds: null,
    requester,
    conditions: [],
    issued: false,
    ...changes,
  }
}

const node: NodeFacts = {
  name: 'n1',
  uid: 'u1',
  createdAt: NOW - 60_000,
  deleting: false,
  uninitialized: false,
  controlPlane: false,
  names: ['n1'],
  addresses: ['c6336401'],
}

const liveNode = {
  metadata: { name: 'n1', uid: 'u1', creationTimestamp: '2026-11-24T07:59:00Z' },
  status: {
    addresses: [
      { type: 'Hostname', address: 'n1' },
      { type: 'InternalIP', address: '198.51.100.1' },
    ],
  },
}

interface Fixture {
  readonly judge: Judge
  readonly reads: string[]
  readonly nodes: FakeStore<NodeFacts>
  readonly csrs: FakeStore<CsrReading>
  readonly serviceCidrs: FakeStore<Reservations>
  answer: ApiAnswer
}

async function openFixture(read: (request: string) => ParsedRequest = () => parsed): Promise<Fixture> {
  const compiled = await compileRules(defaultSettings, 'abc')
  assert.ok(compiled.ok)
  const nodes = new FakeStore({ n1: node })
  const csrs = new FakeStore<CsrReading>()
  const serviceCidrs = new FakeStore<Reservations>()
  const reads: string[] = []
  const result: { answer: ApiAnswer } = { answer: { ok: true, status: 200, object: liveNode } }
  const api: Api = {
    call: async ({ path }) => {
      reads.push(path)
      return result.answer
    },
  }
  const apiServer = () => ({
    host: '192.0.2.10',
    certificateNames: ['kubernetes'],
    certificateAddresses: ['192.0.2.10'],
  })
  const sources = {
    nodes,
    csrs,
    reservations: () => [serviceCidrs],
    apiServer,
  }
  const gatherer = new ClusterGatherer(sources, api, () => parsed)
  const silent = () => undefined
  const log = { debug: silent, info: silent, warn: silent, error: silent }
  const clock = { serverNow: () => NOW, monotonic: () => 0 }
  const judge = createJudge({ gatherer, read, rules: () => compiled.rules, clock, log })
  return Object.assign(result, { judge, reads, nodes, csrs, serviceCidrs })
}

function subject(component: JudgeInput['component'], changes: Partial<CsrObject> = {}): JudgeInput {
  return { component, csr: csr(changes), caller: component === 'webhook' ? requester : null, request: 'x' }
}

test('a conforming request is approved by webhook and controller without API calls while the Node watch is active', async () => {
  const { judge, reads } = await openFixture()
  for (const component of ['webhook', 'controller'] as const)
    assert.equal((await judge(subject(component))).decision.verdict, 'approve')
  assert.deepEqual(reads, [])
})

test('the controller reads the Node live if the watch was silent for more than five seconds', async () => {
  const { judge, reads, nodes } = await openFixture()
  nodes.silentMs = 5_001
  assert.equal((await judge(subject('controller'))).decision.verdict, 'approve')
  assert.deepEqual(reads, ['/api/v1/nodes/n1'])
})

test('the controller judges by the live Node, not by the Node of a silent watch', async () => {
  const fixture = await openFixture()
  fixture.nodes.silentMs = 5_001
  fixture.answer = { ok: true, status: 200, object: { ...liveNode, status: { addresses: [] } } }
  assert.equal((await fixture.judge(subject('controller'))).decision.reason, 'NameNotOfNode')
})

test('the webhook admits based on a watched Node, but refuses as not yet conforming based on a live Node only', async () => {
  const { judge, reads, nodes } = await openFixture()
  nodes.silentMs = 60_000
  assert.equal((await judge(subject('webhook'))).decision.verdict, 'approve')
  assert.deepEqual(reads, [])
  nodes.set('n1', { ...node, addresses: [] })
  assert.equal((await judge(subject('webhook'))).decision.verdict, 'approve')
  assert.deepEqual(reads, ['/api/v1/nodes/n1'])
})

test('a violation needs no API call', async () => {
  const { judge, reads, nodes } = await openFixture()
  nodes.silentMs = 60_000
  const { decision } = await judge(subject('controller', { usages: ['client auth'] }))
  assert.deepEqual([decision.verdict, decision.reason, reads.length], ['deny', 'UsagesNotServing', 0])
})

test('the request of a CSR for another signer is not parsed', async () => {
  const { judge } = await openFixture(() => assert.fail('it was parsed'))
  const { decision } = await judge(
    subject('webhook', { signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }),
  )
  assert.deepEqual([decision.verdict, decision.reason], ['ignore', 'OtherSigner'])
})

test('a Node that cannot be read gives unknown, and a missing Node gives notYet', async () => {
  const fixture = await openFixture()
  fixture.nodes.set('n1', undefined)
  fixture.answer = { ok: false, status: 0, reason: 'Unreachable', message: '', retryAfterMs: null }
  const unread = await fixture.judge(subject('controller'))
  assert.deepEqual(
    [unread.decision.verdict, unread.decision.message],
    ['unknown', 'NodeUnknown: the Node could not be read: 0 Unreachable'],
  )
  fixture.answer = { ok: false, status: 404, reason: 'NotFound', message: '', retryAfterMs: null }
  const absent = await fixture.judge(subject('controller'))
  assert.deepEqual(
    [absent.decision.verdict, absent.decision.message],
    ['notYet', 'NodeUnknown: Node n1 does not exist: it has not registered yet, or was deleted'],
  )
})

test('nothing is approved while a required watch is silent for more than 75 seconds', async () => {
  for (const name of ['nodes', 'csrs', 'serviceCidrs'] as const) {
    const fixture = await openFixture()
    fixture[name].silentMs = 75_001
    if (name === 'csrs') fixture.nodes.set('n2', { ...node, name: 'n2' })
    assert.equal((await fixture.judge(subject('controller'))).decision.verdict, 'unknown', name)
  }
})

test('approval works on a server without ServiceCIDRs', async () => {
  const fixture = await openFixture()
  fixture.serviceCidrs.phase = 'absent'
  assert.equal((await fixture.judge(subject('controller'))).decision.verdict, 'approve')
})

test('a contested address belongs to the Node that was last approved with it, and to no Node without evidence', async () => {
  const fixture = await openFixture()
  fixture.nodes.set('n2', { ...node, name: 'n2', names: ['n2'] })
  assert.equal((await fixture.judge(subject('controller'))).decision.reason, 'AddressContested')
  fixture.csrs.set('old', {
    csr: csr({ name: 'old', createdAt: NOW - 30_000, conditions: ['Approved'] }),
    request: 'x',
  })
  assert.equal((await fixture.judge(subject('controller'))).decision.verdict, 'approve')
  const thief = { ...requester, username: 'system:node:n2' }
  fixture.csrs.set('new', {
    csr: csr({ name: 'new', requester: thief, createdAt: NOW - 20_000, conditions: ['Approved'] }),
    request: 'x',
  })
  assert.equal((await fixture.judge(subject('controller'))).decision.reason, 'AddressContested')
})

test('an approval older than the Node is no evidence for it', async () => {
  const fixture = await openFixture()
  fixture.nodes.set('n2', { ...node, name: 'n2', names: ['n2'] })
  fixture.csrs.set('old', {
    csr: csr({ name: 'old', createdAt: NOW - 90_000, conditions: ['Approved'] }),
    request: 'x',
  })
  assert.equal((await fixture.judge(subject('controller'))).decision.reason, 'AddressContested')
})

test('the controller treats an older pending CSR of the same node as superseded, the webhook does not', async () => {
  const fixture = await openFixture()
  fixture.csrs.set('newer', { csr: csr({ name: 'newer', createdAt: NOW }), request: 'x' })
  assert.equal((await fixture.judge(subject('controller'))).decision.reason, 'Superseded')
  assert.equal((await fixture.judge(subject('webhook'))).decision.verdict, 'approve')
  fixture.csrs.set('newer', undefined)
  assert.equal((await fixture.judge(subject('controller'))).decision.verdict, 'approve')
})

test('an exception while judging gives the verdict error', async () => {
  const { judge } = await openFixture(() => {
    throw new TypeError('bug')
  })
  const { decision } = await judge(subject('controller'))
  assert.deepEqual([decision.verdict, decision.reason], ['error', 'InternalError'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRules } from '../../policies/rules.ts'
import { defaultSettings } from '../../policies/settings.ts'
import type { CsrObject, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import type { Api, ApiAnswer, Judge, Subject } from '../ports.ts'
import { ClusterGatherer } from './gather.ts'
import { createJudge } from './judge.ts'
import type { Reservations } from './reservations.ts'
import type { StoredRequest } from './stored-requests.ts'
import { FakeWatched } from './watched.fixture.ts'

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

interface Scene {
  readonly judge: Judge
  readonly reads: string[]
  readonly nodes: FakeWatched<NodeFacts>
  readonly csrs: FakeWatched<StoredRequest>
  readonly serviceCidrs: FakeWatched<Reservations>
  answer: ApiAnswer
}

async function scene(read: (request: string) => ParsedRequest = () => parsed): Promise<Scene> {
  const compiled = await compileRules(defaultSettings, 'abc')
  assert.ok(compiled.ok)
  const nodes = new FakeWatched({ n1: node })
  const csrs = new FakeWatched<StoredRequest>()
  const serviceCidrs = new FakeWatched<Reservations>()
  const none = new FakeWatched<Reservations>()
  const reads: string[] = []
  const result: { answer: ApiAnswer } = { answer: { ok: true, status: 200, object: liveNode } }
  const api: Api = {
    request: async ({ path }) => {
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
    serviceCidrs,
    services: none,
    kubernetesService: none,
    apiEndpoints: none,
    clusterInfo: none,
    apiServer,
  }
  const gatherer = new ClusterGatherer(sources, api, () => parsed)
  const silent = () => undefined
  const log = { debug: silent, info: silent, warn: silent, error: silent }
  const clock = { serverNow: () => NOW, monotonic: () => 0 }
  const judge = createJudge({ gatherer, read, rules: () => compiled.rules, clock, log })
  return Object.assign(result, { judge, reads, nodes, csrs, serviceCidrs })
}

function subject(component: Subject['component'], changes: Partial<CsrObject> = {}): Subject {
  return { component, csr: csr(changes), caller: component === 'webhook' ? requester : null, request: 'x' }
}

test('an honest request is approved by both components without any look-up while the Node watch speaks', async () => {
  const { judge, reads } = await scene()
  for (const component of ['webhook', 'controller'] as const)
    assert.equal((await judge(subject(component))).decision.verdict, 'approve')
  assert.deepEqual(reads, [])
})

test('the controller reads the Node itself when the watch has been silent for more than five seconds', async () => {
  const { judge, reads, nodes } = await scene()
  nodes.silentMs = 5_001
  assert.equal((await judge(subject('controller'))).decision.verdict, 'approve')
  assert.deepEqual(reads, ['/api/v1/nodes/n1'])
})

test('the controller judges by the Node as it is now, not as the silent watch last saw it', async () => {
  const world = await scene()
  world.nodes.silentMs = 5_001
  world.answer = { ok: true, status: 200, object: { ...liveNode, status: { addresses: [] } } }
  assert.equal((await world.judge(subject('controller'))).decision.reason, 'NameNotOfNode')
})

test('the webhook admits on a watched Node and refuses as not yet conforming on a live one only', async () => {
  const { judge, reads, nodes } = await scene()
  nodes.silentMs = 60_000
  assert.equal((await judge(subject('webhook'))).decision.verdict, 'approve')
  assert.deepEqual(reads, [])
  nodes.set('n1', { ...node, addresses: [] })
  assert.equal((await judge(subject('webhook'))).decision.verdict, 'approve')
  assert.deepEqual(reads, ['/api/v1/nodes/n1'])
})

test('a violation costs no look-up', async () => {
  const { judge, reads, nodes } = await scene()
  nodes.silentMs = 60_000
  const { decision } = await judge(subject('controller', { usages: ['client auth'] }))
  assert.deepEqual([decision.verdict, decision.reason, reads.length], ['deny', 'UsagesNotServing', 0])
})

test('a CSR of another signer is not even read', async () => {
  const { judge } = await scene(() => assert.fail('was read'))
  const { decision } = await judge(
    subject('webhook', { signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }),
  )
  assert.deepEqual([decision.verdict, decision.reason], ['ignore', 'OtherSigner'])
})

test('a Node that cannot be read is unknown, and one that is not there is not yet known', async () => {
  const world = await scene()
  world.nodes.set('n1', undefined)
  world.answer = { ok: false, status: 0, reason: 'Unreachable', message: '', retryAfterMs: null }
  const unread = await world.judge(subject('controller'))
  assert.deepEqual(
    [unread.decision.verdict, unread.decision.message],
    ['unknown', 'NodeUnknown: the Node could not be read: 0 Unreachable'],
  )
  world.answer = { ok: false, status: 404, reason: 'NotFound', message: '', retryAfterMs: null }
  const absent = await world.judge(subject('controller'))
  assert.deepEqual(
    [absent.decision.verdict, absent.decision.message],
    ['notYet', 'NodeUnknown: Node n1 does not exist: it has not registered yet, or was deleted'],
  )
})

test('nothing is approved while a list it depends on is silent for more than 75 seconds', async () => {
  for (const name of ['nodes', 'csrs', 'serviceCidrs'] as const) {
    const world = await scene()
    world[name].silentMs = 75_001
    if (name === 'csrs') world.nodes.set('n2', { ...node, name: 'n2' })
    assert.equal((await world.judge(subject('controller'))).decision.verdict, 'unknown', name)
  }
})

test('a server without ServiceCIDRs is asked for its Services instead', async () => {
  const world = await scene()
  world.serviceCidrs.phase = 'absent'
  assert.equal((await world.judge(subject('controller'))).decision.verdict, 'approve')
})

test('a contested address goes to the Node that was last approved with it, and to nobody without evidence', async () => {
  const world = await scene()
  world.nodes.set('n2', { ...node, name: 'n2', names: ['n2'] })
  assert.equal((await world.judge(subject('controller'))).decision.reason, 'AddressContested')
  world.csrs.set('old', {
    csr: csr({ name: 'old', createdAt: NOW - 30_000, conditions: ['Approved'] }),
    request: 'x',
  })
  assert.equal((await world.judge(subject('controller'))).decision.verdict, 'approve')
  const thief = { ...requester, username: 'system:node:n2' }
  world.csrs.set('new', {
    csr: csr({ name: 'new', requester: thief, createdAt: NOW - 20_000, conditions: ['Approved'] }),
    request: 'x',
  })
  assert.equal((await world.judge(subject('controller'))).decision.reason, 'AddressContested')
})

test('an approval from before the Node was created is another Node’s', async () => {
  const world = await scene()
  world.nodes.set('n2', { ...node, name: 'n2', names: ['n2'] })
  world.csrs.set('old', {
    csr: csr({ name: 'old', createdAt: NOW - 90_000, conditions: ['Approved'] }),
    request: 'x',
  })
  assert.equal((await world.judge(subject('controller'))).decision.reason, 'AddressContested')
})

test('an older Pending request of the same node is superseded for the controller, not for the webhook', async () => {
  const world = await scene()
  world.csrs.set('newer', { csr: csr({ name: 'newer', createdAt: NOW }), request: 'x' })
  assert.equal((await world.judge(subject('controller'))).decision.reason, 'Superseded')
  assert.equal((await world.judge(subject('webhook'))).decision.verdict, 'approve')
  world.csrs.set('newer', undefined)
  assert.equal((await world.judge(subject('controller'))).decision.verdict, 'approve')
})

test('a judgement that throws is an error and approves nothing', async () => {
  const { judge } = await scene(() => {
    throw new TypeError('bug')
  })
  const { decision } = await judge(subject('controller'))
  assert.deepEqual([decision.verdict, decision.reason], ['error', 'InternalError'])
})

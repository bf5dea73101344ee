/* oxlint-disable max-lines -- one fixture for all that is judged */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultRules, goodFacts } from '../policies/good-request.fixture.ts'
import { compileRules } from '../policies/rules.ts'
import { defaultSettings } from '../policies/settings.ts'
import type { CsrObject, NodeFacts, ParsedRequest } from '../policies/types.ts'
import type { Judgement, JudgeInput, Network, Prober, Resolver } from './ports.ts'
import { FactCache } from './facts/fact-cache.ts'
import { createJudge } from './judge.ts'
import { NewNodes } from './facts/new-nodes.ts'
import type { Reservations } from './facts/reservations.ts'
import { FakeStore, noGrants } from './facts/store.fixture.ts'
import type { StoredCsr } from './facts/stored-csr.ts'

const NOW = Date.parse('2026-11-24T08:00:00Z')
const requester = { ...goodFacts.csr.requester, username: 'system:node:n1', extra: {} }

const parsed: ParsedRequest = {
  ...goodFacts.request,
  subject: [
    [{ oid: '2.5.4.10', encoding: 'PrintableString', value: 'system:nodes', at: 10 }],
    [{ oid: '2.5.4.3', encoding: 'PrintableString', value: 'system:node:n1', at: 20 }],
  ],
  sans: [
    { kind: 'dNSName', value: 'n1', at: 50 },
    { kind: 'iPAddress', value: 'c6336401', at: 60 },
  ],
}

function csr(changes: Partial<CsrObject> = {}): CsrObject {
  return { ...goodFacts.csr, name: 'csr-1', uid: 'c1', createdAt: NOW - 1_000, requester, ...changes }
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

interface Fixture {
  readonly judge: (input: JudgeInput) => Promise<Judgement>
  readonly facts: FactCache
  readonly nodes: FakeStore<NodeFacts>
  readonly csrs: FakeStore<StoredCsr>
  readonly serviceCidrs: FakeStore<Reservations>
  pass(ms: number): void
}

interface Looking {
  readonly dials?: (node: string) => boolean
  readonly resolver?: Resolver | null
}

async function begin(
  read: (request: string) => ParsedRequest = () => parsed,
  kept: unknown[] = [],
  prober: Prober | null = null,
  { dials = () => true, resolver = null }: Looking = {},
): Promise<Fixture> {
  const compiled = await compileRules(defaultSettings, 'abc')
  assert.ok(compiled.ok)
  const nodes = new FakeStore({ n1: node }, 'Nodes')
  const csrs = new FakeStore<StoredCsr>({}, 'CSRs')
  const serviceCidrs = new FakeStore<Reservations>({ kubernetes: [serviceRange] }, 'Service ranges')
  const apiServer = () => ({
    host: '192.0.2.10',
    certificateNames: ['kubernetes'],
    certificateAddresses: ['192.0.2.10'],
  })
  const sources = {
    nodes,
    csrs,
    reservations: () => [serviceCidrs],
    serviceAddresses: () => serviceCidrs,
    apiServer,
    ledger: noGrants,
    prober,
    dials,
    resolver,
    now: () => NOW,
  }
  const facts = new FactCache(sources, () => parsed)
  const silent = () => undefined
  const log = { debug: silent, info: silent, warn: silent, error: silent }
  let elapsedMs = 0
  const clock = { serverNow: () => NOW, monotonic: () => elapsedMs }
  const pass = (ms: number) => void (elapsedMs += ms)
  const judgeBy = createJudge({
    facts,
    newNodes: new NewNodes(nodes, clock),
    parsed: { read, keep: (...both) => kept.push(both) },
    clock,
    log,
  })
  const judge = async (input: JudgeInput) => await judgeBy(input, compiled.rules)
  return { judge, facts, nodes, csrs, serviceCidrs, pass }
}

/** An approved CSR of n1 or of another node, made `agoMs` before now. */
function approved(name: string, agoMs: number, username = requester.username): StoredCsr {
  const createdAt = NOW - agoMs
  const decided = { approvedAt: createdAt, pending: null, failure: null, byUs: true, issued: null }
  return { name, uid: name, username, createdAt, claims: ['dNSName:n1', 'iPAddress:c6336401'], ...decided }
}

function inputFor(purpose: JudgeInput['purpose'], changes: Partial<CsrObject> = {}): JudgeInput {
  return { purpose, csr: csr(changes), caller: purpose === 'admit' ? requester : null, request: 'x' }
}

const serviceRange = {
  kind: 'prefix',
  value: '0a600000/16',
  origin: 'the Service range kubernetes',
  apiServer: false,
} as const

test('an honest request is approved for every purpose from what the stores hold', async () => {
  const { judge, nodes } = await begin()
  for (const purpose of ['admit', 'approve', 'guard'] as const)
    assert.equal((await judge(inputFor(purpose))).decision.verdict, 'approve')
  assert.equal(nodes.refreshes, 0)
})

test('the controller approves nothing on a list of the Nodes older than five seconds, its rivals included', async () => {
  const { judge, facts, nodes } = await begin()
  nodes.ageMs = 5_001
  const { decision } = await judge(inputFor('approve'))
  assert.deepEqual([decision.verdict, decision.reason], ['unknown', 'NodeUnknown'])
  assert.equal(facts.problem(), 'nothing was heard of Nodes for 5 s')
  await facts.refresh()
  assert.equal(facts.problem(), null)
  assert.equal((await judge(inputFor('approve'))).decision.verdict, 'approve')
})

test('whatever is out of date is refreshed, and nothing else', async () => {
  const { facts, nodes, csrs, serviceCidrs } = await begin()
  nodes.ageMs = 6_000
  csrs.ageMs = 74_000
  serviceCidrs.ageMs = 76_000
  await facts.refresh()
  assert.deepEqual([nodes.refreshes, csrs.refreshes, serviceCidrs.refreshes], [1, 0, 1])
})

test('the webhook admits on an older list of the Nodes, and refuses as not yet conforming on a current one only', async () => {
  const { judge, nodes } = await begin()
  nodes.ageMs = 60_000
  assert.equal((await judge(inputFor('admit'))).decision.verdict, 'approve')
  assert.equal(nodes.refreshes, 0)
  nodes.set('n1', { ...node, addresses: [] })
  nodes.onRefresh = async () => {
    nodes.set('n1', node)
    nodes.ageMs = 0
  }
  assert.equal((await judge(inputFor('admit'))).decision.verdict, 'approve')
  assert.equal(nodes.refreshes, 1)
})

test('reviews without number cost one refresh in five seconds, which they share', async () => {
  const fixture = await begin()
  const { judge, nodes } = fixture
  nodes.set('n1', { ...node, addresses: [] })
  nodes.ageMs = 60_000
  // The API server does not answer in time, so the list stays old.
  nodes.onRefresh = async () => undefined
  const askAll = () => Promise.all(Array.from({ length: 100 }, () => judge(inputFor('admit'))))
  for (const { decision } of await askAll()) assert.equal(decision.verdict, 'unknown')
  fixture.pass(4_999)
  await askAll()
  assert.equal(nodes.refreshes, 1)
  fixture.pass(1)
  await askAll()
  assert.equal(nodes.refreshes, 2)
})

test('who approves by hand asks once: facts that are not current are read again, once in five seconds for all', async () => {
  const fixture = await begin()
  const { judge, nodes } = fixture
  const ask = async () => (await judge(inputFor('guard'))).decision.verdict
  nodes.ageMs = 6_000
  assert.deepEqual([await ask(), await ask(), nodes.refreshes], ['approve', 'approve', 1])
  nodes.ageMs = 6_000
  fixture.pass(4_999)
  assert.deepEqual([await ask(), await ask(), nodes.refreshes], ['unknown', 'unknown', 1])
  fixture.pass(1)
  assert.deepEqual([await ask(), nodes.refreshes], ['approve', 2])
})

test('who approves by hand and has no more time gets an unknown', async () => {
  const { judge, nodes } = await begin()
  nodes.ageMs = 6_000
  nodes.onRefresh = () => Promise.withResolvers<void>().promise
  const { decision } = await judge({ ...inputFor('guard'), signal: AbortSignal.abort() })
  assert.equal(decision.verdict, 'unknown')
})

test('the webhook gives the watch time to report a Node that has just joined, and its addresses', async () => {
  const { judge, nodes } = await begin()
  nodes.set('n1', undefined)
  const judged = judge(inputFor('admit'))
  await sleep(20)
  nodes.set('n1', { ...node, createdAt: NOW, names: [], addresses: [] })
  nodes.set('n1', { ...node, createdAt: NOW })
  assert.equal((await judged).decision.verdict, 'approve')
})

test('the webhook does not wait for a Node whose change heals nothing', async () => {
  const { judge, nodes } = await begin()
  nodes.set('n1', { ...node, createdAt: NOW })
  nodes.set('n2', { ...node, name: 'n2' })
  const answer = judge(inputFor('admit')).then(({ decision }) => decision.reason)
  assert.equal(await Promise.race([answer, sleep(250)]), 'AddressContested')
})

test('the webhook waits for a refresh no longer than its caller does', async () => {
  const { judge, nodes } = await begin()
  nodes.ageMs = 60_000
  nodes.set('n1', { ...node, addresses: [] })
  nodes.onRefresh = () => new Promise(() => undefined)
  const { decision } = await judge({ ...inputFor('admit'), signal: AbortSignal.timeout(20) })
  assert.equal(decision.verdict, 'unknown')
})

test('a violation needs nothing of the cluster', async () => {
  const { judge, nodes } = await begin()
  nodes.ageMs = 60_000
  const { decision } = await judge(inputFor('approve', { usages: ['client auth'] }))
  assert.deepEqual([decision.verdict, decision.reason, nodes.refreshes], ['deny', 'UsagesNotServing', 0])
})

test('only a request that nothing in itself refuses is kept for those who read it next', async () => {
  const kept: unknown[] = []
  const refused = { ...parsed, sans: [{ kind: 'registeredID', value: '2a', at: 1 }] } as const
  await (await begin(() => refused, kept)).judge(inputFor('admit'))
  assert.deepEqual(kept, [])
  await (await begin(() => parsed, kept)).judge(inputFor('admit'))
  assert.deepEqual(kept, [[inputFor('admit').request, parsed]])
})

test('a CSR of another signer is not even read', async () => {
  const { judge } = await begin(() => assert.fail('was read'))
  const { decision } = await judge(
    inputFor('admit', { signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }),
  )
  assert.deepEqual([decision.verdict, decision.reason], ['ignore', 'OtherSigner'])
})

test('a Node that cannot be read is unknown, and one that is not there is not yet known', async () => {
  const { judge, nodes } = await begin()
  nodes.set('n1', undefined)
  const { decision: absent } = await judge(inputFor('approve'))
  assert.deepEqual(
    [absent.verdict, absent.message],
    ['notYet', 'NodeUnknown: Node n1 does not exist: it has not registered yet, or was deleted'],
  )
  nodes.unreadable.add('n1')
  const { decision: unread } = await judge(inputFor('approve'))
  assert.deepEqual([unread.verdict, unread.message], ['unknown', 'NodeUnknown: the Node n1 cannot be read'])
})

test('nothing is approved while a store it depends on has heard nothing for more than 75 seconds', async () => {
  for (const name of ['csrs', 'serviceCidrs'] as const) {
    const fixture = await begin()
    fixture[name].ageMs = 75_001
    if (name === 'csrs') fixture.nodes.set('n2', { ...node, name: 'n2' })
    assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'unknown', name)
  }
})

test('nothing is approved while no range of Services is known: every cluster has one', async () => {
  const fixture = await begin()
  fixture.serviceCidrs.set('kubernetes', undefined)
  const { decision } = await fixture.judge(inputFor('approve'))
  assert.deepEqual(
    [decision.verdict, decision.message],
    ['unknown', "NameReserved: the list of Service ranges is empty, which no cluster's is"],
  )
})

test('a server without ServiceCIDRs is no unknown', async () => {
  const fixture = await begin()
  fixture.serviceCidrs.phase = 'absent'
  assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'approve')
})

test('a contested address goes to the Node that was last approved with it, and to nobody without evidence', async () => {
  const fixture = await begin()
  fixture.nodes.set('n2', { ...node, name: 'n2', names: ['n2'] })
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'AddressContested')
  fixture.csrs.set('old', approved('old', 30_000))
  assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'approve')
  fixture.csrs.set('new', approved('new', 20_000, 'system:node:n2'))
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'AddressContested')
})

test('an approval from before the Node was created is another Node’s', async () => {
  const fixture = await begin()
  fixture.nodes.set('n2', { ...node, name: 'n2', names: ['n2'] })
  fixture.csrs.set('old', approved('old', 90_000))
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'AddressContested')
})

test('an older Pending request of the same node is superseded for the controller, not for the webhook', async () => {
  const fixture = await begin()
  const newer = csr({ name: 'newer', createdAt: NOW })
  const pending = { csr: newer, request: 'x', resourceVersion: '1', conditions: [], whole: true }
  fixture.csrs.set('newer', { ...approved('newer', 0), approvedAt: null, claims: [], pending })
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'Superseded')
  assert.equal((await fixture.judge(inputFor('admit'))).decision.verdict, 'approve')
  fixture.csrs.set('newer', undefined)
  assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'approve')
})

test('a node that was approved five times waits a minute, for every purpose', async () => {
  const fixture = await begin()
  for (let count = 0; count < 5; count += 1)
    fixture.csrs.set(`old-${count}`, { ...approved(`old-${count}`, 20_000), claims: [] })
  for (const purpose of ['approve', 'guard', 'admit'] as const) {
    const { decision } = await fixture.judge(inputFor(purpose))
    assert.deepEqual([decision.reason, decision.retryAfterMs], ['TooManyRequests', 40_000])
  }
})

test('an approval that was sent counts for the next judgement', async () => {
  const fixture = await begin()
  const { facts } = await fixture.judge(inputFor('approve', { uid: 'another' }))
  fixture.facts.noteApproval(facts, defaultRules)
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'KeyAlreadyUsed')
})

test('a judgement that throws is an error and approves nothing', async () => {
  const { judge } = await begin(() => {
    throw new TypeError('bug')
  })
  const { decision } = await judge(inputFor('approve'))
  assert.deepEqual([decision.verdict, decision.reason], ['error', 'InternalError'])
})

/** Sees the certificate of n1 everywhere, once it was asked. */
function probing(dialled: string[]): Prober {
  const certificate = { kind: 'certificate', spkiSha256: 'ab', node: 'n1', forMs: 0 } as const
  return {
    probe: async (addresses) => void dialled.push(...addresses),
    result: (address) => (dialled.includes(address) ? certificate : undefined),
    network: () => 'works',
    lookAtNetwork: async () => undefined,
  }
}

test('controller and guard dial what the Node was not granted before, and judge again; an admission dials nothing', async () => {
  for (const purpose of ['approve', 'guard'] as const) await dialsWhatIsNew(purpose)
})

async function dialsWhatIsNew(purpose: 'approve' | 'guard'): Promise<void> {
  const dialled: string[] = []
  const { judge, nodes } = await begin(undefined, [], probing(dialled))
  // It was there before: what a Node reports from now on is looked at when it does.
  nodes.phase = 'syncing'
  nodes.set('n2', { ...node, name: 'n2', uid: 'u2', names: ['n2'] })
  nodes.phase = 'live'
  assert.equal((await judge(inputFor('admit'))).decision.verdict, 'unknown')
  assert.deepEqual(dialled, [])
  const { decision, proof } = await judge(inputFor(purpose))
  assert.deepEqual([decision.verdict, dialled, proof], ['approve', ['c6336401'], ['198.51.100.1 own']])
}

test('an address that is not dialled before the time of the guard is up is unknown', async () => {
  const { judge } = await begin(undefined, [], {
    probe: async (_addresses, signal) => {
      if (signal?.aborted === false) await once(signal, 'abort')
    },
    result: () => undefined,
    network: () => undefined,
    lookAtNetwork: async () => undefined,
  })
  const ending = new AbortController()
  setImmediate(() => ending.abort())
  const { decision } = await judge({ ...inputFor('guard'), signal: ending.signal })
  assert.deepEqual([decision.verdict, decision.reason], ['unknown', 'AddressContested'])
  assert.match(decision.message, /198\.51\.100\.1 not dialled yet/u)
})

test('a new Node has its addresses dialled when it reports them, unless the policy has none of it dialled', async () => {
  const dialled: string[] = []
  const { nodes } = await begin(undefined, [], probing(dialled), { dials: (name) => name !== 'n2' })
  nodes.set('n2', { ...node, name: 'n2', uid: 'u2', addresses: ['c6336402'] })
  nodes.set('n3', { ...node, name: 'n3', uid: 'u3', addresses: ['c6336403'] })
  assert.deepEqual(dialled, ['c6336403'])
})

test('where no kubelet answered a moment ago, the network is looked at before the decision', async () => {
  for (const result of [
    { kind: 'nothing' },
    { kind: 'certificate', spkiSha256: 'ab', node: null },
  ] as const) {
    let network: Network | undefined
    const { judge } = await begin(undefined, [], {
      probe: async () => undefined,
      result: () => ({ ...result, forMs: 0 }),
      network: () => network,
      lookAtNetwork: async () => void (network = 'uncertain'),
    })
    assert.equal((await judge(inputFor('approve'))).decision.verdict, 'approve')
  }
})

test('a request that is refused all the same has nothing dialled', async () => {
  const dialled: string[] = []
  const { judge, nodes } = await begin(undefined, [], probing(dialled))
  nodes.set('n1', { ...node, addresses: [] })
  assert.equal((await judge(inputFor('approve'))).decision.reason, 'AddressNotOfNode')
  assert.deepEqual(dialled, [])
})

const FQDN = 'db.example.com'
const withName: ParsedRequest = {
  ...parsed,
  sans: [...parsed.sans, { kind: 'dNSName', value: FQDN, at: 70 }],
}
const named = { ...node, names: ['n1', FQDN] }

/** Says where a name leads, once it was asked. */
function resolving(lookedUp: string[], to: readonly string[]): Resolver {
  return {
    lookUp: async (names) => void lookedUp.push(...names),
    answer: (name) => (lookedUp.includes(name) ? { known: true, value: to } : undefined),
  }
}

test('the controller has a name looked up that is not the Node’s own; the webhook asks no DNS', async () => {
  for (const [to, wanted] of [
    [['c6336401'], 'Conforms: all 34 checks pass'],
    [[], `Conforms: all 34 checks pass. ${FQDN} has no address in DNS`],
  ] as const) {
    const lookedUp: string[] = []
    const fixture = await begin(() => withName, [], probing([]), { resolver: resolving(lookedUp, to) })
    fixture.nodes.set('n1', named)
    assert.equal((await fixture.judge(inputFor('admit'))).decision.verdict, 'approve')
    assert.deepEqual(lookedUp, [])
    const { decision } = await fixture.judge(inputFor('approve'))
    assert.deepEqual([decision.message, lookedUp], [wanted, [FQDN]])
  }
})

test('a name is not looked up if its Node does not report it', async () => {
  const lookedUp: string[] = []
  const { judge } = await begin(() => withName, [], probing([]), { resolver: resolving(lookedUp, []) })
  assert.equal((await judge(inputFor('approve'))).decision.reason, 'NameNotOfNode')
  assert.deepEqual(lookedUp, [])
})

test('the webhook admits a contested name that DNS may show to be the requester’s, and the controller looks', async () => {
  const lookedUp: string[] = []
  const fixture = await begin(() => withName, [], probing([]), {
    resolver: resolving(lookedUp, ['c6336401']),
  })
  fixture.nodes.set('n1', named)
  fixture.nodes.set('n2', { ...named, name: 'n2', uid: 'u2', addresses: [] })
  const { decision } = await fixture.judge(inputFor('admit'))
  assert.deepEqual([decision.verdict, decision.reason], ['unknown', 'NameContested'])
  assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'approve')
})

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from '../../policies/limits.ts'
import type { NodeFacts } from '../../policies/types.ts'
import { approved, csr, node, NOW, parsed } from '../judge.fixture.ts'
import { Ledger } from '../ledger/ledger.ts'
import { addApproval } from '../ledger/record.ts'
import { Claims } from './claims.ts'
import { Holdings } from './holdings.ts'
import type { NodeGrants } from './grants.ts'
import { FakeStore } from './store.fixture.ts'
import type { StoredCsr } from './stored-csr.ts'
import { StoredRequests } from './stored-requests.ts'

const ADDRESS = 'iPAddress:c6336401'
const KEY = parsed.spkiSha256.slice(0, 32)
const { goneAfterMs } = defaultLimits

/** Of n1, a minute ago. */
const granted: NodeGrants = addApproval(undefined, {
  node: 'n1',
  uid: 'u1',
  grant: { csr: 'csr-1', key: KEY, credentialId: null, approvedAt: NOW - 60_000, notAfter: NOW + 60_000 },
  claims: [ADDRESS],
  seen: new Map(),
})

function begin(grants: NodeGrants | null, csrs: readonly StoredCsr[] = [], reportedMs?: number) {
  const nodes = new FakeStore<NodeFacts>({ n1: node }, 'Nodes')
  const ledger = new Ledger(null)
  if (grants !== null) ledger.put(grants)
  const stored = new FakeStore<StoredCsr>(Object.fromEntries(csrs.map((one) => [one.name, one])), 'CSRs')
  const holdings = new Holdings({
    nodes,
    ledger,
    claims: new Claims(nodes),
    arrivals: { precedence: () => 2, reportedMs: () => reportedMs, goneMs: () => 7 },
    stored: new StoredRequests(stored, () => parsed),
    now: () => NOW,
  })
  return { holdings, nodes, ledger }
}

const held = (grants: NodeGrants | null, csrs: readonly StoredCsr[] = []) =>
  begin(grants, csrs)
    .holdings.own(parsed, 'n1')
    .held.map(({ kind, value }) => `${kind}:${value}`)

function leftFor(ms: number): NodeGrants {
  return { ...granted, values: granted.values.map((value) => ({ ...value, leftAt: NOW - ms })) }
}

test('a Node holds what the ledger has, for ten minutes after it left it, and what a CSR shows that is not in the ledger yet', () => {
  deepEqual([held(null), held(granted)], [[], [ADDRESS]])
  deepEqual([held(leftFor(goneAfterMs - 1)), held(leftFor(goneAfterMs))], [[ADDRESS], []])
  const names = ['dNSName:n1', ADDRESS]
  deepEqual(held(null, [approved('csr-2', 30_000)]), names)
  deepEqual(held(leftFor(goneAfterMs), [approved('csr-1', 30_000)]), [])
  deepEqual(held(null, [approved('csr-2', 30_000, 'system:node:n2')]), [])
})

test('what an operator released, no earlier CSR gives back', () => {
  const { holdings, ledger } = begin(null, [approved('csr-2', 30_000)])
  const claims = () => holdings.own(parsed, 'n1').held.map(({ kind, value }) => `${kind}:${value}`)
  ledger.release(0, [{ claim: ADDRESS, at: NOW - 30_001 }])
  deepEqual(claims(), ['dNSName:n1', ADDRESS])
  ledger.release(0, [{ claim: ADDRESS, at: NOW - 30_000 }])
  deepEqual(claims(), ['dNSName:n1'])
})

test('a Node is served once the ledger or a stored CSR shows a certificate', () => {
  const isServed = (grants: NodeGrants | null, csrs: readonly StoredCsr[] = []) => {
    const { holdings } = begin(grants, csrs)
    equal(holdings.own(parsed, 'n1').served, holdings.isServed(node))
    return holdings.isServed(node)
  }
  deepEqual([isServed(null), isServed(granted)], [false, true])
  deepEqual([isServed(null, [approved('csr-2', 30_000)]), isServed(granted, [])], [true, true])
})

test('since when an address is reported is told where that was seen', () => {
  const told = (ms?: number) => begin(null, [], ms).holdings.own(parsed, 'n1').reportedMs
  deepEqual([told(), told(300)], [{}, { c6336401: 300 }])
})

test('for how long a Node is gone is known from the ledger, else from what this process saw', () => {
  const gone = (grants: NodeGrants | null) => {
    const { holdings, nodes } = begin(grants)
    equal(holdings.goneMs('n1'), 0)
    nodes.set('n1', undefined)
    return holdings.goneMs('n1')
  }
  deepEqual([gone(null), gone(granted), gone({ ...granted, goneAt: NOW - 5_000 })], [7, 0, 5_000])
})

test('whether a holder is of the control plane is read from its Node', () => {
  const holders = (controlPlane: boolean) => {
    const { holdings, nodes } = begin(granted)
    nodes.set('n1', { ...node, controlPlane })
    const all = holdings.of({ kind: 'iPAddress', value: 'c6336401', claim: ADDRESS })
    return all.map((one) => [one.node, one.controlPlane, one.leftAt])
  }
  deepEqual([holders(true), holders(false)], [[['n1', true, null]], [['n1', false, null]]])
})

test('a public key that was granted is used, but not by the CSR itself', () => {
  const { holdings } = begin(granted)
  const used = { csr: 'csr-1', username: 'system:node:n1' }
  equal(holdings.sameKey(csr({ name: 'csr-1' }), parsed), null)
  deepEqual(holdings.sameKey(csr({ name: 'csr-2' }), parsed), used)
  const requester = { ...csr().requester, username: 'system:node:n2' }
  deepEqual(holdings.sameKey(csr({ name: 'csr-1', requester }), parsed), used)
  equal(holdings.sameKey(csr({ name: 'csr-2' }), { ...parsed, spkiSha256: 'ef'.repeat(32) }), null)
  const renewed = { ...granted, last: { ...granted.last, csr: 'csr-3', key: '0'.repeat(32) } }
  const earlier = { ...renewed, earlier: [granted.last] }
  deepEqual(begin(earlier).holdings.sameKey(csr({ name: 'csr-2' }), parsed), used)
  equal(holdings.ownerOf(`key:${KEY}`), 'n1')
})

test('whose a public key is, a stored CSR shows that is not in the ledger yet', () => {
  const stored = { ...approved('csr-2', 30_000, 'system:node:n2'), claims: [`key:${KEY}`] }
  equal(begin(null, [stored]).holdings.ownerOf(`key:${KEY}`), 'n2')
  equal(begin(null).holdings.ownerOf(`key:${KEY}`), null)
})

test('others hold what an earlier Node of the same name was granted, and not what this one was', () => {
  const holders = (grants: NodeGrants | null, csrs: readonly StoredCsr[] = []) =>
    begin(grants, csrs)
      .holdings.others(parsed, 'n1')
      .filter(({ kind }) => kind === 'iPAddress')
      .map(({ node: name, csr: by }) => `${name} ${by}`)
  deepEqual([holders(granted), holders({ ...granted, uid: 'u0' })], [[], ['n1 csr-1']])
  deepEqual(holders(null, [approved('csr-2', 30_000)]), [])
  // Asked for before the Node was made; clocks differ a little.
  deepEqual(holders(null, [approved('csr-2', 60_000 + defaultLimits.youngerMs)]), [])
  deepEqual(holders(null, [approved('csr-2', 60_001 + defaultLimits.youngerMs)]), ['n1 csr-2'])
  deepEqual(holders(null, [approved('csr-2', 30_000, 'system:node:n2')]), ['n2 csr-2'])
  deepEqual(holders(null, [approved('csr-2', 30_000, 'somebody')]), [])
})

test('of what a Node was granted more than once, the latest counts, with the proof of any and since when any was left', () => {
  const n2 = (change: Partial<NodeGrants>, of: Partial<NodeGrants['values'][number]> = {}): NodeGrants => ({
    ...granted,
    node: 'n2',
    uid: 'u2',
    goneAt: NOW - 9_000,
    ...change,
    values: granted.values.map((value) => ({ ...value, ...of })),
  })
  const holdersOf = (...all: readonly NodeGrants[]) => {
    const { holdings, ledger } = begin(null, [approved('csr-9', 30_000, 'system:node:n2')])
    for (const grants of all) ledger.put(grants)
    return holdings
      .of({ kind: 'iPAddress', value: 'c6336401', claim: ADDRESS })
      .map(({ csr: by, provenAt, sight, leftAt }) => ({ by, provenAt, sight, leftAt }))
  }
  const proven = n2({}, { provenAt: 5, sight: 'own', leftAt: NOW - 20_000 })
  deepEqual(holdersOf(proven), [{ by: 'csr-9', provenAt: 5, sight: 'own', leftAt: NOW - 20_000 }])
  const later = n2(
    { uid: 'u3', last: { ...granted.last, csr: 'csr-8' } },
    { grantedAt: NOW, leftAt: NOW - 1_000 },
  )
  deepEqual(holdersOf(proven, later), [{ by: 'csr-8', provenAt: 5, sight: 'own', leftAt: NOW - 20_000 }])
  deepEqual(holdersOf(later, proven), holdersOf(proven, later))
  const silent = n2({ uid: 'u3' }, { grantedAt: NOW, sight: 'silent', leftAt: NOW - 1_000 })
  deepEqual(holdersOf(proven, silent)[0]?.sight, 'own')
  deepEqual(holdersOf(n2({}, { sight: 'silent' }), later)[0]?.sight, 'silent')
  // What the ledger has it has from that CSR.
  deepEqual(holdersOf(n2({ last: { ...granted.last, csr: 'csr-9' } }, { sight: 'silent' })), [
    { by: 'csr-9', provenAt: null, sight: 'silent', leftAt: NOW - 9_000 },
  ])
})

test('where else a holder may be seen: at what it holds, or left at the same moment, up to a limit', () => {
  const elsewhere = (leftAt: readonly (number | null)[]) => {
    const values = leftAt.flatMap((at, index) =>
      granted.values.map((value) => ({ ...value, claim: `iPAddress:c633640${index + 1}`, leftAt: at })),
    )
    const { holdings } = begin({ ...granted, node: 'n2', uid: 'u2', values })
    const [holding] = holdings.of({ kind: 'iPAddress', value: 'c6336401', claim: ADDRESS })
    return holding?.elsewhere
  }
  deepEqual(elsewhere([null]), [])
  deepEqual(elsewhere([5, null, 5, 6]), ['c6336402', 'c6336403'])
  deepEqual(elsewhere(Array<null>(9).fill(null))?.length, defaultLimits.elsewhereMax)
})

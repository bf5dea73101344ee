import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { addressesAreUncontested } from './checks/addresses-are-uncontested.ts'
import { namesAreUncontested } from './checks/names-are-uncontested.ts'
import {
  defaultRules,
  goodFacts,
  goodIPv4,
  heldByOther,
  seeing,
  withAddresses,
  withCluster,
  withNames,
  withOwn,
} from './good-request.fixture.ts'
import type { ClusterStage, Claim, Holding, Probe } from './types.ts'

const MINUTES = 60_000
const ELSEWHERE = 'c6336463'
const FQDN = 'db.example.com'
const claim: Claim = {
  kind: 'iPAddress',
  value: goodIPv4,
  node: 'worker-2',
  controlPlane: false,
  served: false,
}
const left = (minutes: number): Partial<Holding> => ({ leftAt: goodFacts.now - minutes * MINUTES })
const certificate = { saw: 'certificate', spkiSha256: 'cd'.repeat(32), node: null, forMs: 0 } as const
const alive: Probe = { address: ELSEWHERE, result: certificate, grantedTo: 'worker-2' }
const silentFor = (minutes: number): Probe => ({
  address: ELSEWHERE,
  result: { saw: 'nothing', forMs: minutes * MINUTES },
  grantedTo: null,
})
const elsewhere = { elsewhere: [ELSEWHERE] }
const asked = (facts: ClusterStage) => withAddresses([goodIPv4], facts)

/** `told` passes with a note. */
function verdict(facts: ClusterStage, check = addressesAreUncontested): string {
  const outcome = check.run(facts, defaultRules)
  return outcome.outcome === 'pass' && outcome.note !== undefined ? 'told' : outcome.outcome
}

/** Each of what is seen there, in the order of {@link sights}, and how it comes out. */
const sights = ['own', 'waiting', 'another', 'stranger', 'silent', 'notDialled'] as const
function row(wanted: string, facts: ClusterStage): void {
  deepEqual(sights.map((saw) => verdict(asked(seeing(saw, facts)))).join(' '), wanted)
}

test('an address that nobody else holds or reports is free, unless its kubelet is another one', () => {
  row('pass pass fail pass pass pass', goodFacts)
})

test('a Node that has a certificate is disproven where a kubelet waits for its first', () => {
  row('pass fail fail pass pass pass', withOwn({ served: true }))
})

test('an address that the Node itself was granted goes on, whatever is seen and whoever reports it', () => {
  const claimed = withCluster({ claims: { known: true, value: [claim] } })
  for (const facts of [goodFacts, claimed, heldByOther({ ...left(0) }, claimed)])
    row('pass pass pass pass pass pass', withOwn({ held: [goodIPv4] }, facts))
})

test('what another Node was granted later and still reports is no longer the Node’s', () => {
  const later = heldByOther({ grantedAt: goodFacts.now }, withOwn({ held: [goodIPv4] }))
  row('fail fail fail fail fail fail', later)
  const moved = heldByOther({ grantedAt: goodFacts.now, ...elsewhere }, withOwn({ held: [goodIPv4] }))
  deepEqual(verdict(asked(seeing('own', moved, [alive]))), 'told')
})

test('a holder that reports its address still keeps it, from a Node that nothing speaks for', () => {
  row('fail fail fail fail fail fail', heldByOther({}))
  row('fail fail fail fail fail fail', heldByOther(elsewhere))
})

test('a holder that lives elsewhere, or is silent for ten minutes, loses the address to the Node that answers there', () => {
  for (const [holder, wanted] of [
    [alive, 'told told fail fail fail fail'],
    [silentFor(10), 'told told fail fail fail fail'],
    [silentFor(9), 'fail fail fail fail fail fail'],
    [{ ...alive, grantedTo: 'worker-3' }, 'fail fail fail fail fail fail'],
  ] as const) {
    const outcomes = sights.map((saw) => verdict(asked(seeing(saw, heldByOther(elsewhere), [holder]))))
    deepEqual(outcomes.join(' '), wanted)
  }
})

test('a holder that never answered at its address loses it to the Node that does', () => {
  row('told told fail fail fail fail', heldByOther({ provenAt: null }))
  row('told fail fail fail fail fail', heldByOther({ provenAt: null }, withOwn({ served: true })))
})

test('a holder loses an address at which another has answered for ten minutes', () => {
  const shown = (saw: 'own' | 'waiting' | 'silent', minutes: number) =>
    verdict(asked(seeing(saw, heldByOther({}), [], minutes * MINUTES)))
  deepEqual([shown('own', 10), shown('waiting', 10), shown('silent', 10)], ['told', 'told', 'fail'])
  deepEqual([shown('own', 9), shown('waiting', 9)], ['fail', 'fail'])
})

test('a kubelet may wait for the certificate that was approved within ten seconds: it is the holder’s', () => {
  const granted = (seconds: number, change: Partial<Holding>) =>
    heldByOther({ grantedAt: goodFacts.now - seconds * 1_000, ...change })
  for (const change of [left(0), { provenAt: null }]) {
    deepEqual(verdict(asked(seeing('waiting', granted(9, change)))), 'fail')
    deepEqual(verdict(asked(seeing('own', granted(9, change)))) === 'fail', false)
    deepEqual(verdict(asked(seeing('waiting', granted(10, change)))) === 'fail', false)
  }
})

test('an address that its holder has left goes at once to the Node that answers there, and after ten minutes to any', () => {
  row('pass pass fail fail fail fail', heldByOther(left(0)))
  row('pass pass fail fail fail fail', heldByOther(left(9)))
  row('pass pass fail told told told', heldByOther(left(10)))
  row('pass fail fail told told told', heldByOther(left(10), withOwn({ served: true })))
})

test('of two Nodes that report an address and were never granted it, the one that answers there gets it', () => {
  row('pass fail fail fail fail fail', withCluster({ claims: { known: true, value: [claim] } }))
})

test('a Node that has a certificate cannot block a newcomer at its own address', () => {
  const served = withCluster({ claims: { known: true, value: [{ ...claim, served: true }] } })
  row('pass pass fail fail fail fail', served)
})

test('a Node that was deleted and made again is the same to others, and finds its own certificate at its address', () => {
  const again = heldByOther({ node: 'worker-1', ...left(0) })
  row('pass pass fail pass pass pass', again)
  row('pass fail fail fail fail fail', withCluster({ claims: { known: true, value: [claim] } }, again))
})

const namesOf = (facts: ClusterStage) => verdict(withNames([FQDN], facts), namesAreUncontested)
const heldName = (change: Partial<Holding>, facts = goodFacts) =>
  heldByOther({ kind: 'dNSName', value: FQDN, ...change }, facts)

test('a name goes by what was granted: to its holder, and after ten minutes to any', () => {
  const nameClaim = { ...claim, kind: 'dNSName', value: FQDN } as const
  const claimed = withCluster({ claims: { known: true, value: [nameClaim] } })
  const outcomes = [
    goodFacts,
    claimed,
    withOwn({ held: [FQDN] }, claimed),
    heldName({}),
    heldName(left(9)),
    heldName(left(10)),
    heldName(left(10), claimed),
    withOwn({ held: [FQDN] }, heldName({})),
    heldName({ grantedAt: goodFacts.now }, withOwn({ held: [FQDN] })),
  ].map(namesOf)
  deepEqual(outcomes.join(' '), 'pass fail pass fail fail told fail pass fail')
})

test('a name moves at once with the address of its holder that has left', () => {
  const moved = (saw: (typeof sights)[number]) => heldName({ ...left(0), elsewhere: [goodIPv4] }, seeing(saw))
  deepEqual(sights.map(moved).map(namesOf).join(' '), 'pass pass fail fail fail fail')
  deepEqual(namesOf(heldName({ elsewhere: [goodIPv4] }, seeing('own'))), 'fail')
})

test('a name that an earlier Node of the requester held is its own where its machine answers, whoever reports it', () => {
  const nameClaim = { ...claim, kind: 'dNSName', value: FQDN } as const
  const claimed = withCluster({ claims: { known: true, value: [nameClaim] } })
  const again = heldName({ node: 'worker-1' }, claimed)
  deepEqual(sights.map((saw) => namesOf(seeing(saw, again))).join(' '), 'pass fail fail fail fail fail')
  const webhook = { ...again, purpose: 'admit', caller: again.csr.requester } as const
  deepEqual(namesOf(withCluster({ probes: { are: 'later' } }, webhook)), 'unknown')
})

test('the words of each refusal name the Nodes and what to do', () => {
  const detail = (facts: ClusterStage, check = addressesAreUncontested) => {
    const outcome = check.run(facts, defaultRules)
    return outcome.outcome === 'fail' ? outcome.detail : ''
  }
  deepEqual(
    [
      detail(asked(seeing('another'))),
      detail(asked(seeing('waiting', withOwn({ served: true })))),
      detail(asked(heldByOther(left(1)))),
      detail(withNames([FQDN], heldName(left(2))), namesAreUncontested),
    ],
    [
      'at 198.51.100.11 the kubelet of Node worker-2 answers, not that of Node worker-1. Remove the address from the wrong Node',
      'at 198.51.100.11 a kubelet answers that has no certificate, and Node worker-1 has one: it is another machine. Remove the address from Node worker-1. If its machine was set up again, delete the Node',
      '198.51.100.11 was granted to Node worker-2 with CSR csr-first, and that Node has not reported it for 60 s. It is free after 10 minutes, or once it answers for the requester',
      'db.example.com was granted to Node worker-2 with CSR csr-first, and that Node has not reported it for 120 s. It is free after 10 minutes',
    ],
  )
})

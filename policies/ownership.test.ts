import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { failFor, pass, passWithNote } from './check.ts'
import { addressesAreUncontested } from './checks/addresses-are-uncontested.ts'
import { namesAreUncontested } from './checks/names-are-uncontested.ts'
import {
  defaultRules,
  goodFacts,
  goodIPv4,
  goodIPv6,
  heldByOther,
  notLearnt,
  rival,
  rulesWith,
  seeing,
  withAddresses,
  withClaims,
  withCluster,
  withNames,
  withOwn,
} from './good-request.fixture.ts'
import type { ClusterStage, Holding, Precedence } from './types.ts'

const MINUTES = 60_000
const FQDN = 'db.example.com'
const claim = rival()
const left = (minutes: number): Partial<Holding> => ({ leftAt: goodFacts.now - minutes * MINUTES })
const unproven = { provenAt: null, sight: 'silent' } as const
const asked = (facts: ClusterStage) => withAddresses([goodIPv4], facts)

/** `told` passes with a note. */
function verdict(facts: ClusterStage, check = addressesAreUncontested): string {
  const outcome = check.run(facts, defaultRules)
  return outcome.outcome === 'pass' && outcome.note !== undefined ? 'told' : outcome.outcome
}

/** Each of what is seen there, in the order of {@link sights}, and how it comes out. */
const sights = ['own', 'waiting', 'another', 'stranger', 'silent', 'notDialled'] as const
function row(wanted: string, facts: ClusterStage): void {
  deepEqual(sights.map((seen) => verdict(asked(seeing(seen, facts)))).join(' '), wanted)
}

test('an address that nobody else holds or reports is free, unless its kubelet is another one', () => {
  row('pass pass fail pass pass unknown', goodFacts)
})

test('a Node that has a certificate is disproven where a kubelet waits for its first', () => {
  row('pass fail fail pass pass unknown', withOwn({ served: true }))
})

test('an address that the Node itself was granted goes on, whoever reports it, unless another kubelet answers there', () => {
  const claimed = withClaims([claim])
  row('pass fail fail pass pass pass', withOwn({ held: [goodIPv4] }))
  const served = withClaims([{ ...claim, served: true }])
  for (const facts of [served, heldByOther({ ...left(0) }, served)])
    row('pass fail fail pass pass unknown', withOwn({ held: [goodIPv4] }, facts))
  // It never answered, and the kubelet that waits there may be that of the new Node.
  row('pass fail fail pass pass unknown', withOwn({ held: [goodIPv4] }, claimed))
  const { own } = withOwn({ held: [goodIPv4] }).cluster
  if (!own.known) throw new Error('nothing is known')
  const held = own.value.held.map((one) => ({ ...one, provenAt: one.grantedAt }))
  row(
    'pass pass fail pass pass unknown',
    withCluster({ own: { known: true, value: { ...own.value, held } } }, claimed),
  )
})

test('what another Node was granted later is no longer the Node’s, also while that Node does not exist for a moment', () => {
  const later = { grantedAt: goodFacts.now }
  row('fail fail fail fail fail unknown', heldByOther(later, withOwn({ held: [goodIPv4] })))
  row(
    'pass fail fail fail fail unknown',
    heldByOther({ ...later, ...left(1) }, withOwn({ held: [goodIPv4] })),
  )
  row('pass fail fail pass pass pass', heldByOther({ ...later, ...left(10) }, withOwn({ held: [goodIPv4] })))
})

test('a holder that reports its address still keeps it, from a Node that nothing speaks for', () => {
  row('fail fail fail fail fail unknown', heldByOther({}))
})

test('a holder at whose address nobody answered when it was granted loses it to the Node that does', () => {
  row('told told fail fail fail unknown', heldByOther(unproven))
  row('told fail fail fail fail unknown', heldByOther(unproven, withOwn({ served: true })))
})

test('a holder at whose address nobody has looked yet does not lose it', () => {
  row('fail fail fail fail fail unknown', heldByOther({ provenAt: null, sight: null }))
})

test('a holder loses an address at which another has answered for ten minutes', () => {
  const shown = (seen: 'own' | 'waiting' | 'silent', minutes: number) =>
    verdict(asked(seeing(seen, heldByOther({}), [], minutes * MINUTES)))
  deepEqual([shown('own', 10), shown('waiting', 10), shown('silent', 10)], ['told', 'told', 'fail'])
  deepEqual([shown('own', 9), shown('waiting', 9)], ['fail', 'fail'])
})

test('a kubelet may wait for the certificate that was approved within ten seconds: it is the holder’s', () => {
  const granted = (seconds: number, change: Partial<Holding>) =>
    heldByOther({ grantedAt: goodFacts.now - seconds * 1_000, ...change })
  for (const change of [left(0), unproven]) {
    deepEqual(verdict(asked(seeing('waiting', granted(9, change)))), 'fail')
    deepEqual(verdict(asked(seeing('own', granted(9, change)))) === 'fail', false)
    deepEqual(verdict(asked(seeing('waiting', granted(10, change)))) === 'fail', false)
  }
})

test('of two other holders, the one that reports the address counts, then the one that was granted it last', () => {
  const holdings = (...changes: readonly Partial<Holding>[]) => {
    const all = changes.map((change) => heldByOther(change).cluster.holdings)
    const value = all.flatMap((one) => (one.known ? one.value : []))
    return withCluster({ holdings: { known: true, value } })
  }
  const later = { node: 'worker-3', grantedAt: goodFacts.now - MINUTES }
  for (const facts of [holdings({ ...later, ...left(1) }, {}), holdings({}, { ...later, ...left(1) })])
    row('fail fail fail fail fail unknown', facts)
  for (const facts of [holdings({ ...later, ...unproven }, {}), holdings({}, { ...later, ...unproven })])
    row('told told fail fail fail unknown', facts)
})

test('a Node whose certificate answers at one address is not the one that waits at another', () => {
  const own = {
    address: goodIPv6,
    result: { kind: 'certificate', spkiSha256: 'cd'.repeat(32), node: 'worker-1', forMs: 0 },
    grantedTo: null,
    ownerGoneMs: 0,
  } as const
  const both = withAddresses([goodIPv4, goodIPv6])
  deepEqual(verdict(seeing('waiting', both)), 'unknown')
  deepEqual(verdict(seeing('waiting', both, [own])), 'fail')
})

test('an address that its holder has left goes at once to the Node that answers there, and after ten minutes to any', () => {
  row('pass pass fail fail fail unknown', heldByOther(left(0)))
  row('pass pass fail fail fail unknown', heldByOther(left(9)))
  row('pass pass fail pass pass unknown', heldByOther(left(10)))
  row('pass fail fail pass pass unknown', heldByOther(left(10), withOwn({ served: true })))
})

test('of two Nodes that report an address and were never granted it, the one that answers there gets it', () => {
  row('pass fail fail fail fail unknown', withClaims([claim]))
})

test('of two new Nodes, the one that reported the address with its first, and while a kubelet waited there, outranks the other', () => {
  const against = (own: Precedence, ...rivals: Precedence[]) => {
    const value = rivals.map((precedence) => ({ ...claim, precedence }))
    const facts = withOwn({ precedence: { [goodIPv4]: own } })
    return verdict(asked(seeing('waiting', withClaims(value, facts))))
  }
  deepEqual([against(2, 1), against(2, 0), against(1, 0)], ['pass', 'pass', 'pass'])
  deepEqual([against(2, 2), against(1, 1), against(0, 0)], ['fail', 'fail', 'fail'])
  deepEqual([against(1, 2), against(2, 1, 2)], ['fail', 'fail'])
})

test('every rival counts: one that is served says nothing about the next', () => {
  const value = [
    { ...claim, served: true },
    { ...claim, node: 'worker-3' },
  ]
  row('pass fail fail fail fail unknown', withClaims(value))
})

test('a Node whose machine was set up again has a new address after a minute, if nobody else reports it', () => {
  const again = (waitedMs: number, facts = goodFacts) =>
    verdict(asked(seeing('waiting', withOwn({ served: true }, facts), [], waitedMs)))
  deepEqual(again(60_000), 'pass')
  deepEqual(again(59_999), 'fail')
  deepEqual(again(60_000, withClaims([claim])), 'fail')
})

test('a Node that had a certificate may have lost it: it waits for that minute, and is refused where another address shows more', () => {
  const lost = (other: 'waiting' | 'silent') => {
    const result = other === 'silent' ? 'nothing' : 'noCertificate'
    const elsewhere = {
      address: goodIPv6,
      result: { kind: result, forMs: 20_000 },
      grantedTo: null,
      ownerGoneMs: 0,
    } as const
    return withAddresses(
      [goodIPv4, goodIPv6],
      seeing('waiting', withOwn({ held: [goodIPv4] }), [elsewhere], 50_000),
    )
  }
  const said = 'a kubelet without a certificate has answered at 198.51.100.11 for less than a minute'
  const wanted = failFor(40_000, `${said}, and Node worker-1 had one before`, said)
  deepEqual(addressesAreUncontested.run(lost('waiting'), defaultRules), wanted)
  const another = addressesAreUncontested.run(lost('silent'), defaultRules)
  deepEqual([another.outcome, 'retryAfterMs' in another], ['fail', false])
})

test('an address where a kubelet waits is granted once the Node has reported it for a second', () => {
  const reported = (ms: number) =>
    addressesAreUncontested.run(
      asked(seeing('waiting', withOwn({ reportedMs: { [goodIPv4]: ms } }))),
      defaultRules,
    )
  deepEqual(reported(1_000), pass)
  const said = 'the Node has reported 198.51.100.11 for less than a second'
  deepEqual(reported(900), failFor(100, said, said))
})

test('an address that a source vouches for, or where a certificate answers, need not be reported for a second', async () => {
  const rules = await rulesWith({ sources: ['inventory'] })
  const vouches = { known: true, value: { names: [], addresses: [goodIPv4], says: '' } } as const
  const facts = withOwn({ reportedMs: { [goodIPv4]: 0 } })
  const vouched = withCluster({ vouched: [{ source: 'inventory', vouches }] }, seeing('waiting', facts))
  deepEqual(addressesAreUncontested.run(asked(vouched), rules), pass)
  deepEqual(addressesAreUncontested.run(asked(seeing('own', facts)), defaultRules), pass)
})

test('the certificate of a Node that has been gone for ten minutes counts as a kubelet that waits', () => {
  const cloned = (ownerGoneMs: number) => {
    const facts = seeing('another')
    const { probes } = facts.cluster
    if (probes.kind !== 'here') throw new Error('nothing is seen')
    const results = probes.results.map((probe) => ({ ...probe, ownerGoneMs }))
    return verdict(asked(withCluster({ probes: { ...probes, results } }, facts)))
  }
  deepEqual([cloned(599_999), cloned(600_000)], ['fail', 'pass'])
})

test('a Node that has a certificate cannot block a newcomer at its own address', () => {
  const served = withClaims([{ ...claim, served: true }])
  row('pass pass fail fail fail unknown', served)
})

test('a Node that was deleted and made again is the same to others, and finds its own certificate at its address', () => {
  const again = heldByOther({ node: 'worker-1', ...left(0) })
  row('pass pass fail pass pass unknown', again)
  row('pass fail fail fail fail unknown', withClaims([claim], again))
})

test('what a source vouches for is the Node’s whoever holds it, which is told until it was granted', async () => {
  const rules = await rulesWith({ sources: ['inventory'] })
  const vouches = { known: true, value: { names: [FQDN], addresses: [goodIPv4], says: '' } } as const
  const vouched = withCluster({ vouched: [{ source: 'inventory', vouches }] })
  const note = (text: string) =>
    passWithNote(`${text} was granted to Node worker-2 with CSR csr-first before: a source vouches for it`)
  const outcomes = [
    addressesAreUncontested.run(asked(heldByOther({}, vouched)), rules),
    addressesAreUncontested.run(asked(heldByOther(left(1), vouched)), rules),
    addressesAreUncontested.run(asked(heldByOther({}, withOwn({ held: [goodIPv4] }, vouched))), rules),
    namesAreUncontested.run(withNames([FQDN], heldName({}, vouched)), rules),
  ]
  deepEqual(outcomes, [note('198.51.100.11'), pass, pass, note(FQDN)])
})

const namesOf = (facts: ClusterStage) => verdict(withNames([FQDN], facts), namesAreUncontested)
const heldName = (change: Partial<Holding>, facts = goodFacts) =>
  heldByOther({ kind: 'dNSName', value: FQDN, ...change }, facts)

test('a name goes by what was granted: to its holder, and after ten minutes to any', () => {
  const nameClaim = { ...claim, kind: 'dNSName', value: FQDN } as const
  const claimed = withClaims([nameClaim])
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
  deepEqual(outcomes.join(' '), 'pass fail pass fail fail pass fail pass fail')
})

test('a name moves at once with the address of its holder that has left', () => {
  const moved = (saw: (typeof sights)[number]) => heldName({ ...left(0), elsewhere: [goodIPv4] }, seeing(saw))
  deepEqual(sights.map(moved).map(namesOf).join(' '), 'pass pass fail fail fail fail')
  deepEqual(namesOf(heldName({ elsewhere: [goodIPv4] }, seeing('own'))), 'fail')
  const silent = withCluster({ lookups: [{ name: FQDN, leadsTo: notLearnt('ETIMEOUT') }] }, moved('own'))
  deepEqual(namesOf(silent), 'pass')
})

test('a name that an earlier Node of the requester held is its own where its machine answers, whoever else reports it', () => {
  const nameClaim = { ...claim, kind: 'dNSName', value: FQDN } as const
  const claimed = withClaims([nameClaim])
  const again = heldName({ node: 'worker-1' }, claimed)
  deepEqual(sights.map((seen) => namesOf(seeing(seen, again))).join(' '), 'pass pass fail fail fail fail')
  const webhook = { ...again, purpose: 'admit', caller: again.csr.requester } as const
  deepEqual(namesOf(withCluster({ probes: { kind: 'later' } }, webhook)), 'unknown')
  const borne = heldName({ node: 'worker-1' }, withClaims([{ ...nameClaim, node: FQDN }]))
  deepEqual(namesOf(seeing('own', borne)), 'fail', 'but for a Node of that name')
})

test('the words of each refusal name the Nodes and what to do', () => {
  const detail = (facts: ClusterStage, check = addressesAreUncontested) => {
    const outcome = check.run(facts, defaultRules)
    return outcome.outcome === 'fail' ? outcome.detail : ''
  }
  deepEqual(
    [
      detail(asked(seeing('another'))),
      detail(withAddresses([goodIPv4, goodIPv6], seeing('waiting', withOwn({ served: true })))),
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

test('a plain name that is the name of a Node goes to no other, also where it was granted before', () => {
  const facts = withNames(['db'], withOwn({ held: ['db'] }))
  const borne = (node: string) => ({ ...claim, kind: 'dNSName', value: 'db', node }) as const
  const verdicts = ['db', 'worker-2'].map((node) =>
    verdict(withClaims([borne(node)], facts), namesAreUncontested),
  )
  deepEqual(verdicts, ['fail', 'pass'])
})

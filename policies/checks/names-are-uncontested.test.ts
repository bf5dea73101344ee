import { test } from 'node:test'
import { fail, pass, passWithNote, unknown, unlooked } from '../check.ts'
import {
  atWebhook,
  expectOutcome,
  goodFacts,
  goodIPv4,
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
  withRequester,
} from '../good-request.fixture.ts'
import type { Claim } from '../types.ts'
import { namesAreUncontested } from './names-are-uncontested.ts'

const FQDN = 'worker-1.example.com'
const claim = rival({ kind: 'dNSName', value: FQDN })
const contested = withClaims([claim])
const CLAIMED = 'Nodes worker-1 and worker-2 both claim worker-1.example.com'
const ADVICE = 'Remove the name from the wrong Node'

test('a name that two Nodes report is approved for neither, and the message has both Nodes', () => {
  const wanted = fail(`${CLAIMED} and no earlier certificate shows the owner. ${ADVICE}`)
  expectOutcome(namesAreUncontested, withNames([FQDN], contested), wanted)
  expectOutcome(namesAreUncontested, withNames(['Worker-1.Example.COM'], contested), wanted)
  expectOutcome(namesAreUncontested, withNames([FQDN]), pass)
})

test('the Node that was last granted a name keeps it, whichever other Node reports it', () => {
  const asked = withNames([FQDN], contested)
  expectOutcome(namesAreUncontested, withOwn({ held: [FQDN] }, asked), pass)
  const wanted = fail(`${CLAIMED}; the last certificate with it went to Node worker-2. ${ADVICE}`)
  expectOutcome(namesAreUncontested, heldByOther({ kind: 'dNSName', value: FQDN }, asked), wanted)
})

test('a Node called by a dotted name does not get it while another Node holds it', () => {
  const bearer = withRequester({ username: `system:node:${FQDN}` }, withNames([FQDN]))
  expectOutcome(namesAreUncontested, bearer, pass)
  const held = { kind: 'dNSName', value: FQDN } as const
  const wanted = fail(
    `Nodes ${FQDN} and worker-2 both claim ${FQDN}; the last certificate with it went to Node worker-2. ${ADVICE}`,
  )
  expectOutcome(namesAreUncontested, heldByOther(held, bearer), wanted)
  const claimed = withClaims([claim], bearer)
  expectOutcome(namesAreUncontested, claimed, pass)
})

test('a Node called by a dotted name gets it from one that was granted it without proof', () => {
  const bearer = withRequester({ username: `system:node:${FQDN}` }, withNames([FQDN]))
  const unproven = { kind: 'dNSName', value: FQDN, provenAt: null, sight: 'silent' } as const
  const told = `${FQDN} was granted to Node worker-2 with CSR csr-first before: it is the name of the requester`
  expectOutcome(namesAreUncontested, heldByOther(unproven, bearer), passWithNote(told))
  const holder = (sight: 'silent' | 'own' | null) => {
    const value = [{ ...claim, node: FQDN }]
    const facts = withOwn({ held: [FQDN] }, withNames([FQDN], withClaims(value)))
    const { own } = facts.cluster
    const held = own.known ? own.value.held.map((one) => ({ ...one, sight })) : []
    return withCluster({ own: own.known ? { known: true, value: { ...own.value, held } } : own }, facts)
  }
  for (const sight of ['own', null] as const) expectOutcome(namesAreUncontested, holder(sight), pass)
  const wanted = fail(
    `Nodes worker-1 and ${FQDN} both claim ${FQDN} and no earlier certificate shows the owner. ${ADVICE}`,
  )
  expectOutcome(namesAreUncontested, holder('silent'), wanted)
})

test('a contested name goes to the Node to whose addresses it leads in DNS', () => {
  const asked = withNames([FQDN], withAddresses([goodIPv4], seeing('own', contested)))
  const leads = (to: readonly string[]) =>
    withCluster({ lookups: [{ name: FQDN, leadsTo: { known: true, value: to } }] }, asked)
  expectOutcome(namesAreUncontested, leads([goodIPv4]), pass)
  const nobody = `${CLAIMED} and no earlier certificate shows the owner. ${ADVICE}`
  expectOutcome(namesAreUncontested, leads(['c0000209']), fail(nobody))
  const held = (sight: 'silent' | 'own') =>
    heldByOther({ kind: 'dNSName', value: FQDN, sight }, leads([goodIPv4]))
  const told = `${FQDN} was granted to Node worker-2 with CSR csr-first before: it leads to the requester in DNS`
  expectOutcome(namesAreUncontested, held('silent'), passWithNote(told))
  const wanted = fail(`${CLAIMED}; the last certificate with it went to Node worker-2. ${ADVICE}`)
  expectOutcome(namesAreUncontested, held('own'), wanted)
  const left = { kind: 'dNSName', value: FQDN, leftAt: goodFacts.now - 1_000 } as const
  expectOutcome(namesAreUncontested, heldByOther(left, leads([goodIPv4])), pass)
})

test('a contested name that a pattern makes of that of the Node is the Node’s, unless another was granted it with proof', async () => {
  const rules = await rulesWith({ names: { patterns: ['{node}[.]example[.]com'] } })
  const asked = withNames([FQDN], contested)
  expectOutcome(namesAreUncontested, asked, pass, rules)
  const wanted = fail(`${CLAIMED}; the last certificate with it went to Node worker-2. ${ADVICE}`)
  expectOutcome(namesAreUncontested, heldByOther({ kind: 'dNSName', value: FQDN }, asked), wanted, rules)
})

test('a contested name that DNS was not asked about, or that it did not answer for, is unknown', () => {
  const asked = withCluster({ lookups: [] }, withNames([FQDN], contested))
  expectOutcome(namesAreUncontested, asked, unlooked([FQDN], `${FQDN} has not been looked up yet`))
  const failed = [{ name: FQDN, leadsTo: notLearnt('ESERVFAIL') }]
  const wanted = unlooked([FQDN], `${FQDN} could not be looked up: ESERVFAIL`)
  expectOutcome(namesAreUncontested, withCluster({ lookups: failed }, asked), wanted)
  expectOutcome(namesAreUncontested, withOwn({ held: [FQDN] }, asked), pass)
})

test('a node gets its own name, whichever other Node reports or holds it, which is told', () => {
  const value = [{ ...claim, value: 'worker-1' }]
  const facts = heldByOther({ kind: 'dNSName', value: 'worker-1' }, withClaims(value))
  const told = passWithNote(
    'worker-1 was granted to Node worker-2 with CSR csr-first before: it is the name of the requester',
  )
  expectOutcome(namesAreUncontested, facts, told)
  expectOutcome(namesAreUncontested, withNames(['WORKER-1'], facts), told)
  expectOutcome(namesAreUncontested, withClaims(value), pass)
})

test('a node does not get another Node’s name by reporting it', () => {
  const value = [{ ...claim, value: 'worker-2' }]
  const facts = withNames(['worker-2'], withClaims(value))
  const wanted = fail(
    `Nodes worker-1 and worker-2 both claim worker-2 and no earlier certificate shows the owner. ${ADVICE}`,
  )
  expectOutcome(namesAreUncontested, facts, wanted)
})

test('a claim to an address contests no name', () => {
  const value: Claim[] = [{ ...claim, kind: 'iPAddress' }]
  expectOutcome(namesAreUncontested, withNames([FQDN], withClaims(value)), pass)
})

test('what other Nodes claim and hold and what the Node itself holds is always asked', () => {
  for (const part of ['claims', 'holdings', 'own'] as const) {
    const facts = withCluster({ [part]: notLearnt('the list has not been read yet') })
    expectOutcome(namesAreUncontested, withNames([FQDN], facts), unknown('the list has not been read yet'))
  }
})

test('where the ledger cannot be read, the Node’s own name and what it holds go on, and another name waits', () => {
  const incomplete = 'the ledger cannot be read for this Node: it is cut off'
  const own = withNames(['worker-1'], withOwn({ incomplete }))
  expectOutcome(namesAreUncontested, own, pass)
  const value = [{ ...claim, value: 'worker-1' }]
  expectOutcome(namesAreUncontested, withClaims(value, own), pass)
  expectOutcome(namesAreUncontested, withNames([FQDN], withOwn({ incomplete, held: [FQDN] })), pass)
  expectOutcome(namesAreUncontested, withNames([FQDN], withOwn({ incomplete })), unknown(incomplete))
})

test('a name that moves with an address is unknown to who cannot look there, and any other is refused', () => {
  const left = { kind: 'dNSName', value: FQDN, leftAt: goodFacts.now - 60_000 } as const
  const blind = withCluster({ probes: { kind: 'none', because: 'nobody dials' } }, withNames([FQDN]))
  const detail = `${FQDN} was granted to Node worker-2 with CSR csr-first, and that Node has not reported it for 60 s. It is free after 10 minutes`
  const unseen = unlooked([FQDN], `${detail}. Nobody has looked who answers`)
  expectOutcome(namesAreUncontested, heldByOther(left, blind), unseen)
  expectOutcome(namesAreUncontested, heldByOther(left, withAddresses([], blind)), fail(detail))
  expectOutcome(
    namesAreUncontested,
    heldByOther(left, seeing('silent', withAddresses([goodIPv4], blind))),
    fail(detail),
  )
  const claimed = withClaims([claim], blind)
  const mine = `${CLAIMED}; the last certificate with it went to an earlier Node worker-1. ${ADVICE}`
  const earlier = heldByOther({ ...left, node: 'worker-1' }, claimed)
  expectOutcome(namesAreUncontested, earlier, unlooked([FQDN], `${mine}. Nobody has looked who answers`))
  expectOutcome(
    namesAreUncontested,
    claimed,
    fail(`${CLAIMED} and no earlier certificate shows the owner. ${ADVICE}`),
  )
})

test('the webhook leaves a held name to the controller only where DNS may take it from its holder', () => {
  const asked = atWebhook({}, withCluster({ probes: { kind: 'later' } }, withNames([FQDN])))
  const detail = `${CLAIMED}; the last certificate with it went to Node worker-2. ${ADVICE}`
  const held = (sight: 'own' | 'silent') => heldByOther({ kind: 'dNSName', value: FQDN, sight }, asked)
  expectOutcome(namesAreUncontested, held('silent'), unknown(`${detail}. The controller decides`))
  expectOutcome(namesAreUncontested, held('own'), fail(detail))
})

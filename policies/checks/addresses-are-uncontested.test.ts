import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import {
  atWebhook,
  defaultRules,
  expectOutcome,
  goodFacts,
  goodIPv4,
  heldByOther,
  notLearnt,
  rival,
  seeing,
  withAddresses,
  withClaims,
  withCluster,
  withNode,
  withOwn,
} from '../good-request.fixture.ts'
import type { Claim } from '../types.ts'
import { addressesAreUncontested } from './addresses-are-uncontested.ts'

const claim = rival()
const contested = withClaims([claim])
const CLAIMED = 'Nodes worker-1 and worker-2 both claim 198.51.100.11'
const ADVICE = 'Remove the address from the wrong Node'
const UNPROVEN = `${CLAIMED} and no earlier certificate shows the owner. ${ADVICE}`

test('an address that two Nodes report is approved for neither, and the message has both Nodes', () => {
  expectOutcome(addressesAreUncontested, contested, fail(UNPROVEN))
  expectOutcome(addressesAreUncontested, goodFacts, pass)
})

test('the Node that was last granted an address keeps it, whichever other Node reports it', () => {
  expectOutcome(addressesAreUncontested, withOwn({ held: [goodIPv4] }, contested), pass)
  const other = fail(`${CLAIMED}; the last certificate with it went to Node worker-2. ${ADVICE}`)
  expectOutcome(addressesAreUncontested, heldByOther({}, contested), other)
})

test('what an earlier Node of the same name was granted does not count', () => {
  const wanted = fail(`${CLAIMED}; the last certificate with it went to an earlier Node worker-1. ${ADVICE}`)
  expectOutcome(addressesAreUncontested, heldByOther({ node: 'worker-1' }, contested), wanted)
  expectOutcome(addressesAreUncontested, heldByOther({ node: 'worker-1' }), pass)
})

test('of Nodes that left it long ago, the message names an earlier one of the requester’s name, the latest', () => {
  const { holdings } = heldByOther({ leftAt: 0 }).cluster
  const [left] = holdings.known ? holdings.value : []
  assert.ok(left)
  const before = (csr: string, grantedAt: number) => ({ ...left, node: 'worker-1', csr, grantedAt })
  const value = [left, before('csr-1', 1), before('csr-2', 2)]
  const facts = withCluster({ holdings: { known: true, value } }, contested)
  const wanted = fail(`${CLAIMED}; the last certificate with it went to an earlier Node worker-1. ${ADVICE}`)
  expectOutcome(addressesAreUncontested, facts, wanted)
  const ofOthers = withCluster({ holdings: { known: true, value: [left] } }, contested)
  expectOutcome(addressesAreUncontested, ofOthers, fail(UNPROVEN))
})

test('the age of the Nodes does not decide a contest', () => {
  for (const createdAt of [0, goodFacts.now * 2])
    expectOutcome(addressesAreUncontested, withNode({ createdAt }, contested), fail(UNPROVEN))
})

test('a worker cannot contest the API server’s address with the control-plane Node that reports it', () => {
  const reservation = { kind: 'address', value: goodIPv4, origin: 'an endpoint of the API server' } as const
  const reserved = (apiServer: boolean, facts = contested) =>
    withCluster({ reserved: { known: true, value: [{ ...reservation, apiServer }] } }, facts)
  const wanted = fail(UNPROVEN)
  expectOutcome(addressesAreUncontested, withNode({ controlPlane: true }, reserved(true)), pass)
  expectOutcome(
    addressesAreUncontested,
    withNode({ controlPlane: true }, reserved(true, heldByOther({}))),
    pass,
  )
  expectOutcome(addressesAreUncontested, withNode({ controlPlane: false }, reserved(true)), wanted)
  expectOutcome(addressesAreUncontested, withNode({ controlPlane: true }, reserved(false)), wanted)
  const elsewhere = withNode({ controlPlane: true, addresses: [] }, reserved(true))
  expectOutcome(addressesAreUncontested, elsewhere, wanted)
  const peer = withCluster(
    { claims: { known: true, value: [{ ...claim, controlPlane: true }] } },
    reserved(true),
  )
  expectOutcome(addressesAreUncontested, withNode({ controlPlane: true }, peer), wanted)
})

test('a claim to another address, or to a name of the same text, does not contest an address', () => {
  const others: Claim[] = [
    { ...claim, value: 'c633640c' },
    { ...claim, kind: 'dNSName' },
  ]
  expectOutcome(addressesAreUncontested, withClaims(others), pass)
})

test('a grant of another address, or of a name, does not count', () => {
  expectOutcome(addressesAreUncontested, heldByOther({ value: 'c633640c' }, contested), fail(UNPROVEN))
  expectOutcome(addressesAreUncontested, heldByOther({ kind: 'dNSName' }, contested), fail(UNPROVEN))
  expectOutcome(addressesAreUncontested, withOwn({ held: ['c633640c'] }, contested), fail(UNPROVEN))
})

test('one contested address of two is enough to fail', () => {
  const facts = withAddresses([goodIPv4.replace(/b$/u, 'f'), goodIPv4], contested)
  expectOutcome(addressesAreUncontested, facts, fail(UNPROVEN))
})

test('what other Nodes claim and hold and what the Node itself holds is always asked', () => {
  for (const part of ['claims', 'holdings', 'own'] as const) {
    const facts = withCluster({ [part]: notLearnt('the list has not been read yet') }, contested)
    expectOutcome(addressesAreUncontested, facts, unknown('the list has not been read yet'))
    expectOutcome(addressesAreUncontested, withAddresses([], facts), pass)
  }
})

test('a contested address outweighs an unknown one', () => {
  const second = withOwn({ incomplete: 'a part of the ledger cannot be read' }, contested)
  expectOutcome(addressesAreUncontested, second, fail(UNPROVEN))
})

test('where the ledger cannot be read, what is known to be granted, or answers, goes on, and what is new waits', () => {
  const incomplete = 'the ledger cannot be read for this Node: it is cut off'
  const waits = unknown(incomplete)
  const asked = (facts: typeof goodFacts) => withAddresses([goodIPv4], facts)
  expectOutcome(addressesAreUncontested, asked(withOwn({ incomplete })), waits)
  expectOutcome(addressesAreUncontested, asked(withOwn({ incomplete, held: [goodIPv4] })), pass)
  expectOutcome(addressesAreUncontested, asked(seeing('own', withOwn({ incomplete }))), pass)
  expectOutcome(addressesAreUncontested, asked(seeing('waiting', withOwn({ incomplete }))), waits)
})

test('where the ledger cannot be read for others, what is new waits unless it answers for the requester', () => {
  const othersIncomplete = 'the ledger cannot be read as a whole: it is cut off'
  const asked = (seen: 'own' | 'waiting' | 'silent', change: Parameters<typeof withOwn>[0] = {}) =>
    withAddresses([goodIPv4], seeing(seen, withOwn({ othersIncomplete, ...change })))
  expectOutcome(addressesAreUncontested, asked('silent'), unknown(othersIncomplete))
  expectOutcome(addressesAreUncontested, asked('silent', { held: [goodIPv4] }), pass)
  expectOutcome(addressesAreUncontested, asked('own'), pass)
  expectOutcome(addressesAreUncontested, asked('waiting'), pass)
})

test('the webhook leaves to the controller what a look at the address may heal', () => {
  const later = withCluster({ probes: { kind: 'later' } }, contested)
  expectOutcome(addressesAreUncontested, atWebhook({}, later), unknown(`${UNPROVEN}. The controller decides`))
  const off = {
    ...defaultRules,
    settings: {
      ...defaultRules.settings,
      proof: { addresses: 'off' as const, names: 'warn' as const, unreachable: [] },
    },
  }
  expectOutcome(addressesAreUncontested, atWebhook({}, later), fail(UNPROVEN), off)
})

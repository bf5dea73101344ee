import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import {
  expectOutcome,
  goodFacts,
  goodIPv4,
  goodNode,
  notLearnt,
  withAddresses,
  withCluster,
  withNode,
} from '../good-request.fixture.ts'
import type { Claim, Holding } from '../types.ts'
import { addressesAreUncontested } from './addresses-are-uncontested.ts'

const claim: Claim = { kind: 'iPAddress', value: goodIPv4, node: 'worker-2', controlPlane: false }
const holding: Holding = {
  kind: 'iPAddress',
  value: goodIPv4,
  username: 'system:node:worker-1',
  csr: 'csr-first',
  createdAt: goodNode.createdAt + 500,
}
const contested = withCluster({ claims: { known: true, value: [claim] } })
const CLAIMED = 'Nodes worker-1 and worker-2 both report 198.51.100.11'
const ADVICE = 'Remove the address from the wrong Node'
const UNPROVEN = `${CLAIMED} and no earlier certificate shows the owner. ${ADVICE}`

test('an address that two Nodes report is given to neither, and both are named', () => {
  expectOutcome(addressesAreUncontested, contested, fail(UNPROVEN))
  expectOutcome(addressesAreUncontested, goodFacts, pass)
})

test('who was last approved with an address keeps it, whoever else reports it', () => {
  expectOutcome(addressesAreUncontested, withHolding({}), pass)
  const other = fail(`${CLAIMED}; the last certificate with it went to Node worker-2. ${ADVICE}`)
  expectOutcome(addressesAreUncontested, withHolding({ username: 'system:node:worker-2' }), other)
})

test('an approval of an earlier Node of the same name is no evidence', () => {
  const { createdAt } = goodNode
  const wanted = fail(`${CLAIMED}; the last certificate with it went to an earlier Node worker-1. ${ADVICE}`)
  expectOutcome(addressesAreUncontested, withHolding({ createdAt: createdAt - 5_001 }), wanted)
  // A CSR may be a moment older than its Node, as NodeUnknown allows.
  expectOutcome(addressesAreUncontested, withHolding({ createdAt: createdAt - 5_000 }), pass)
})

test('age decides nothing: neither the older nor the younger Node has the better claim', () => {
  const wanted = fail(UNPROVEN)
  for (const years of [-10, 10]) {
    const createdAt = goodNode.createdAt + years * 31_557_600_000
    expectOutcome(addressesAreUncontested, withNode({ createdAt }, contested), wanted)
  }
})

test('what is the API server’s own no worker can contest with the control-plane Node that reports it', () => {
  const reservation = { kind: 'address', value: goodIPv4, origin: 'an endpoint of the API server' } as const
  const reserved = (apiServer: boolean) =>
    withCluster({ reserved: { known: true, value: [{ ...reservation, apiServer }] } }, contested)
  const wanted = fail(UNPROVEN)
  expectOutcome(addressesAreUncontested, withNode({ controlPlane: true }, reserved(true)), pass)
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

test('a claim to another address, or to a name spelled like one, contests nothing', () => {
  const others: Claim[] = [
    { ...claim, value: 'c633640c' },
    { ...claim, kind: 'dNSName' },
  ]
  expectOutcome(addressesAreUncontested, withCluster({ claims: { known: true, value: others } }), pass)
})

test('a holding of another address, or of a name, is no evidence', () => {
  const wanted = fail(UNPROVEN)
  expectOutcome(addressesAreUncontested, withHolding({ value: 'c633640c' }), wanted)
  expectOutcome(addressesAreUncontested, withHolding({ kind: 'dNSName' }), wanted)
})

test('one contested address of two is enough to refuse', () => {
  const facts = withAddresses([goodIPv4.replace(/b$/u, 'f'), goodIPv4], contested)
  expectOutcome(addressesAreUncontested, facts, fail(UNPROVEN))
})

test('claims that could not be learnt leave every address open', () => {
  const facts = withCluster({ claims: notLearnt('the list of Nodes has not been read yet') })
  expectOutcome(addressesAreUncontested, facts, unknown('the list of Nodes has not been read yet'))
  expectOutcome(addressesAreUncontested, withAddresses([], facts), pass)
})

test('approvals that could not be learnt matter only where there is a contest', () => {
  const holdings = notLearnt('the watch of CSRs has been silent for 80 s')
  const wanted = unknown('the watch of CSRs has been silent for 80 s')
  expectOutcome(addressesAreUncontested, withCluster({ holdings }, contested), wanted)
  expectOutcome(addressesAreUncontested, withCluster({ holdings }), pass)
})

test('an address contested for certain outweighs one that is open', () => {
  const second: Claim = { ...claim, value: 'c633640c', node: 'worker-3' }
  const node = notLearnt('the Node could not be read: 0 TimedOut')
  const value = [claim, second]
  const facts = withCluster({ node, claims: { known: true, value } }, withHolding({}))
  const wanted = fail(
    'Nodes worker-1 and worker-3 both report 198.51.100.12 and no earlier certificate shows the owner. Remove the address from the wrong Node',
  )
  expectOutcome(addressesAreUncontested, withAddresses([goodIPv4, 'c633640c'], facts), wanted)
})

test('a Node that could not be read may be the one that was approved', () => {
  const node = notLearnt('the Node could not be read: 0 TimedOut')
  const wanted = unknown('the Node could not be read: 0 TimedOut')
  expectOutcome(addressesAreUncontested, withCluster({ node }, withHolding({})), wanted)
  const stranger = withHolding({ username: 'system:node:worker-2' })
  const other = fail(`${CLAIMED}; the last certificate with it went to Node worker-2. ${ADVICE}`)
  expectOutcome(addressesAreUncontested, withCluster({ node }, stranger), other)
})

function withHolding(change: Partial<Holding>) {
  return withCluster({ holdings: { known: true, value: [{ ...holding, ...change }] } }, contested)
}

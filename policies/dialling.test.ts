import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { addressesToDial, proofsOf } from './dialling.ts'
import {
  defaultRules,
  goodIPv4,
  heldByOther,
  judge,
  seeing,
  withAddresses,
  withCluster,
  withNode,
  withOwn,
} from './good-request.fixture.ts'
import type { ClusterStage } from './types.ts'

const asked = (facts: ClusterStage) => withAddresses([goodIPv4], facts)
const dialled = (facts: ClusterStage) => addressesToDial(facts, defaultRules, judge(facts))

/** Granted to the Node, and seen to answer for it then. */
function proven(facts: ClusterStage): ClusterStage {
  const { own } = facts.cluster
  if (!own.known) throw new Error('nothing is known')
  const held = own.value.held.map((one) => ({ ...one, provenAt: one.grantedAt }))
  return withCluster({ own: { known: true, value: { ...own.value, held } } }, facts)
}

test('an address that answered for the Node when it was granted is dialled only if something is in the way', () => {
  const granted = asked(seeing('notDialled', withOwn({ held: [goodIPv4] })))
  deepEqual(dialled(granted), [goodIPv4])
  deepEqual(dialled(proven(granted)), [])
  const contested = heldByOther({}, proven(granted))
  deepEqual([judge(contested).verdict, dialled(contested)], ['unknown', [goodIPv4]])
})

test('nothing is dialled for a request that is refused all the same', () => {
  deepEqual(dialled(withNode({ addresses: [] }, asked(seeing('notDialled')))), [])
})

test('the log tells what each address shows, and which was proven before', () => {
  const granted = withOwn({ held: [goodIPv4] })
  const told = (facts: ClusterStage) => proofsOf(asked(facts), defaultRules)
  deepEqual(told(seeing('notDialled', proven(granted))), ['198.51.100.11 proven'])
  deepEqual(told(seeing('own', proven(granted))), ['198.51.100.11 own'])
  deepEqual(told(seeing('notDialled', granted)), ['198.51.100.11 notDialled'])
})

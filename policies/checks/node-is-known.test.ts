import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import {
  expectOutcome,
  goodFacts,
  notLearnt,
  withCluster,
  withNode,
  withRequester,
} from '../good-request.fixture.ts'
import { nodeIsKnown } from './node-is-known.ts'

test('the key of a removed node is worth nothing', () => {
  const gone = withCluster({ node: { known: true, value: null } })
  expectOutcome(
    nodeIsKnown,
    gone,
    fail('Node worker-1 does not exist: it has not registered yet, or was deleted'),
  )
  expectOutcome(nodeIsKnown, goodFacts, pass)
})

test('a Node that is being deleted gets no certificate', () => {
  expectOutcome(nodeIsKnown, withNode({ deleting: true }), fail('Node worker-1 is being deleted'))
})

test('a Node waits for its cloud provider', () => {
  const wanted = fail(
    'Node worker-1 has the taint node.cloudprovider.kubernetes.io/uninitialized: the cloud provider has not initialized it yet',
  )
  expectOutcome(nodeIsKnown, withNode({ uninitialized: true }), wanted)
})

test('a Node re-created under its name is not the one that asked', () => {
  const { createdAt } = goodFacts.csr
  expectOutcome(nodeIsKnown, withNode({ createdAt: createdAt + 5_000 }), pass)
  const wanted = fail(
    'Node worker-1 is 6 s younger than the CSR: it was created again. Its kubelet must ask again',
  )
  expectOutcome(nodeIsKnown, withNode({ createdAt: createdAt + 6_000 }), wanted)
})

test('a Node that could not be read is neither there nor missing', () => {
  const facts = withCluster({ node: notLearnt('the Node could not be read: 0 TimedOut') })
  expectOutcome(nodeIsKnown, facts, unknown('the Node could not be read: 0 TimedOut'))
})

test('a requester that is no node has no Node', () => {
  const facts = withRequester({ username: 'admin' }, withCluster({ node: { known: true, value: null } }))
  expectOutcome(
    nodeIsKnown,
    facts,
    fail('Node admin does not exist: it has not registered yet, or was deleted'),
  )
})

import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import { expectOutcome, goodFacts, notLearnt, withCluster, withNames } from '../good-request.fixture.ts'
import { shown } from '../text.ts'
import { namesAreOfNode } from './names-are-of-node.ts'

const NODE = "Node worker-1 (it has worker-1, worker-1.example.com). Check the kubelet's --hostname-override"

test('a node may not ask for a name that its Node does not report', () => {
  expectOutcome(
    namesAreOfNode,
    withNames(['worker-1', 'a.example']),
    fail(`a.example is not a name of ${NODE}`),
  )
  expectOutcome(namesAreOfNode, withNames(['worker-1', 'worker-1.example.com']), pass)
})

test('a name is no prefix: worker-1 has no right to worker-10', () => {
  for (const name of ['worker-10', 'worker-', 'worker-1.example', 'example.com', 'xworker-1'])
    expectOutcome(namesAreOfNode, withNames([name]), fail(`${shown(name)} is not a name of ${NODE}`))
})

test('names compare without regard to case, in ASCII only', () => {
  expectOutcome(namesAreOfNode, withNames(['WORKER-1', 'Worker-1.Example.COM']), pass)
  const kelvin = fail(String.raw`"wor\u212aer-1" is not a name of ${NODE}`)
  expectOutcome(namesAreOfNode, withNames(['wor\u212aer-1']), kelvin)
})

test('a request for addresses alone has no name to hold against it', () => {
  const without = withCluster({ node: notLearnt('the Node could not be read: 500 InternalError') })
  expectOutcome(namesAreOfNode, withNames([], without), pass)
})

test('without its Node a name is nobody’s; with one that could not be read it is open', () => {
  const gone = withCluster({ node: { known: true, value: null } })
  expectOutcome(namesAreOfNode, gone, fail('worker-1 is not a name of Node worker-1, which does not exist'))
  const unread = withCluster({ node: notLearnt('the Node could not be read: 0 TimedOut') }, goodFacts)
  expectOutcome(namesAreOfNode, unread, unknown('the Node could not be read: 0 TimedOut'))
})

test('many foreign names are counted, not recited', () => {
  const facts = withNames(['a', 'b', 'c', 'd', 'e', 'worker-1'])
  expectOutcome(namesAreOfNode, facts, fail(`a, b, c and 2 more are not names of ${NODE}`))
})

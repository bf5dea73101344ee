import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import { expectOutcome, goodFacts, notLearnt, withCluster, withNames } from '../good-request.fixture.ts'
import { namesAreOfNode } from './names-are-of-node.ts'

test('a node may not ask for a name that its Node does not report', () => {
  expectOutcome(
    namesAreOfNode,
    withNames(['worker-1', 'a.example']),
    fail('the Node does not report "a.example"'),
  )
  expectOutcome(namesAreOfNode, withNames(['worker-1', 'worker-1.example.com']), pass)
})

test('a name is no prefix: worker-1 has no right to worker-10', () => {
  for (const name of ['worker-10', 'worker-', 'worker-1.example', 'example.com', 'xworker-1'])
    expectOutcome(namesAreOfNode, withNames([name]), fail(`the Node does not report "${name}"`))
})

test('names compare without regard to case, in ASCII only', () => {
  expectOutcome(namesAreOfNode, withNames(['WORKER-1', 'Worker-1.Example.COM']), pass)
  const kelvin = fail(String.raw`the Node does not report "wor\u212aer-1"`)
  expectOutcome(namesAreOfNode, withNames(['wor\u212aer-1']), kelvin)
})

test('a request for addresses alone has no name to hold against it', () => {
  const without = withCluster({ node: notLearnt('the Node could not be read: 500 InternalError') })
  expectOutcome(namesAreOfNode, withNames([], without), pass)
})

test('without its Node a name is nobody’s; with one that could not be read it is open', () => {
  const gone = withCluster({ node: { known: true, value: null } })
  expectOutcome(namesAreOfNode, gone, fail('the Node does not report "worker-1"'))
  const unread = withCluster({ node: notLearnt('the Node could not be read: 0 TimedOut') }, goodFacts)
  expectOutcome(namesAreOfNode, unread, unknown('the Node could not be read: 0 TimedOut'))
})

test('many foreign names are counted, not recited', () => {
  const facts = withNames(['a', 'b', 'c', 'd', 'e', 'worker-1'])
  expectOutcome(namesAreOfNode, facts, fail('the Node does not report "a", "b", "c" and 2 more'))
})

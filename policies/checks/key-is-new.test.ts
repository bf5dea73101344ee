import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import { expectOutcome, goodFacts, notLearnt, withCluster } from '../good-request.fixture.ts'
import { keyIsNew } from './key-is-new.ts'

const usedBy = (username: string) =>
  withCluster({ sameKey: { known: true, value: { csr: 'csr-9q4zt', username } } })

test('a public key is approved once, for its own node as for another', () => {
  expectOutcome(
    keyIsNew,
    usedBy('system:node:worker-1'),
    fail('CSR csr-9q4zt of Node worker-1 was approved with the same public key. Each CSR needs a new key'),
  )
  expectOutcome(
    keyIsNew,
    usedBy('system:node:worker-2'),
    fail('CSR csr-9q4zt of Node worker-2 was approved with the same public key. Each CSR needs a new key'),
  )
  expectOutcome(keyIsNew, goodFacts, pass)
})

test('if other CSRs are unknown, the outcome is unknown too', () => {
  const facts = withCluster({ sameKey: notLearnt('the list of CSRs has not been read yet') })
  expectOutcome(keyIsNew, facts, unknown('the list of CSRs has not been read yet'))
})

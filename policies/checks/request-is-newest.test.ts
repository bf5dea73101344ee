import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import { expectOutcome, goodFacts, notLearnt, withCluster } from '../good-request.fixture.ts'
import { requestIsNewest } from './request-is-newest.ts'

test('a request is superseded by a newer one of the same node', () => {
  const facts = withCluster({ newerPending: { known: true, value: 'csr-9q4zt' } })
  expectOutcome(requestIsNewest, facts, fail('the same node has a newer CSR: csr-9q4zt'))
  expectOutcome(requestIsNewest, goodFacts, pass)
})

test('other requests that could not be learnt leave it open', () => {
  const facts = withCluster({ newerPending: notLearnt('the list of CSRs has not been read yet') })
  expectOutcome(requestIsNewest, facts, unknown('the list of CSRs has not been read yet'))
})

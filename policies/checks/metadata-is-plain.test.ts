import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, withCsr } from '../good-request.fixture.ts'
import { metadataIsPlain } from './metadata-is-plain.ts'

test('a CSR may not keep itself for ever by a finalizer', () => {
  expectOutcome(
    metadataIsPlain,
    withCsr({ finalizers: 1 }),
    fail('the CSR has finalizers (1). A kubelet sets none'),
  )
  expectOutcome(metadataIsPlain, goodFacts, pass)
})

test('a CSR has no owner', () => {
  expectOutcome(
    metadataIsPlain,
    withCsr({ ownerReferences: 2 }),
    fail('the CSR has ownerReferences (2). A kubelet sets none'),
  )
})

import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, withCsr } from '../good-request.fixture.ts'
import { metadataIsPlain } from './metadata-is-plain.ts'

test('a CSR may not keep itself for ever by a finalizer', () => {
  expectOutcome(metadataIsPlain, withCsr({ finalizers: 1 }), fail('has 1 finalizers'))
  expectOutcome(metadataIsPlain, goodFacts, pass)
})

test('a CSR has no owner', () => {
  expectOutcome(metadataIsPlain, withCsr({ ownerReferences: 2 }), fail('has 2 ownerReferences'))
})

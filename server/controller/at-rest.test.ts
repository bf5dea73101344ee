import assert from 'node:assert/strict'
import test from 'node:test'
import { goodFacts, withCsr } from '../../policies/good-request.fixture.ts'
import { AtRest } from './at-rest.ts'
import { RECHECK_MS } from './reconcile.ts'

const { csr } = goodFacts

test('what is decided stays so when facts change, and what is settled is looked at again', () => {
  const atRest = new AtRest(() => 0)
  assert.ok(atRest.isUnsettled(csr))
  atRest.settle(csr)
  assert.deepEqual([atRest.isOpen(csr), atRest.isUnsettled(csr)], [true, false])
  atRest.unsettle()
  assert.ok(atRest.isUnsettled(csr))
  atRest.decide(csr)
  atRest.unsettle()
  assert.deepEqual([atRest.isOpen(csr), atRest.isUnsettled(csr)], [false, false])
})

test('another CSR of the same name is not decided by the first', () => {
  const atRest = new AtRest(() => 0)
  atRest.decide(csr)
  atRest.settle(csr)
  const another = withCsr({ uid: 'another' }).csr
  assert.deepEqual([atRest.isOpen(another), atRest.isUnsettled(another)], [true, true])
})

test('a decision of which no watch tells is looked for again', () => {
  let now = 0
  const atRest = new AtRest(() => now)
  atRest.decide(csr)
  now = RECHECK_MS - 1
  assert.equal(atRest.isOpen(csr), false)
  now = RECHECK_MS
  assert.equal(atRest.isOpen(csr), true)
})

test('what is forgotten leaves no name behind', () => {
  const atRest = new AtRest(() => 0)
  atRest.settle(csr)
  atRest.decide(csr)
  atRest.forget(csr.name)
  assert.deepEqual([...atRest.names()], [])
  assert.ok(atRest.isUnsettled(csr))
})

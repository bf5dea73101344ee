import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, withCsr } from '../good-request.fixture.ts'
import { requestIsAwaited } from './request-is-awaited.ts'

const MINUTE = 60_000

test('after 15 minutes no kubelet waits for the certificate any more', () => {
  const { now } = goodFacts
  expectOutcome(requestIsAwaited, withCsr({ createdAt: now - 15 * MINUTE + 1 }), pass)
  expectOutcome(
    requestIsAwaited,
    withCsr({ createdAt: now - 15 * MINUTE }),
    fail('created 15 minutes ago. A kubelet waits 15 minutes, then asks again'),
  )
  expectOutcome(
    requestIsAwaited,
    withCsr({ createdAt: now - 90 * MINUTE }),
    fail('created 90 minutes ago. A kubelet waits 15 minutes, then asks again'),
  )
})

test('a request from a clock a little ahead is awaited', () => {
  expectOutcome(requestIsAwaited, withCsr({ createdAt: goodFacts.now + 2_000 }), pass)
})

import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { pass, unknown } from '../check.ts'
import {
  atWebhook,
  expectOutcome,
  goodFacts,
  judge,
  notLearnt,
  withCluster,
} from '../good-request.fixture.ts'
import { requestIsInShare } from './request-is-in-share.ts'

/** 2026-01-01T00:00:02Z */
const { now } = goodFacts
const approvedAgo = (...seconds: number[]) =>
  withCluster({ approvals: { known: true, value: seconds.map((ago) => now - ago * 1_000) } })

test('the sixth CSR of a node within a minute waits, and the message says until when', () => {
  expectOutcome(requestIsInShare, approvedAgo(4, 3, 2, 1), pass)
  expectOutcome(requestIsInShare, approvedAgo(4, 3, 2, 1, 0), {
    outcome: 'fail',
    detail:
      '5 CSRs of Node worker-1 were approved in the last 5 minutes. The next can be at 2026-01-01 00:00:58 UTC',
    retryAfterMs: 56_000,
  })
})

test('a CSR that waits for its turn is not yet conforming for both components, with the time that it waits', () => {
  const facts = approvedAgo(4, 3, 2, 1, 0)
  for (const { verdict, reason, retryAfterMs } of [judge(facts), judge(atWebhook({}, facts))])
    deepEqual([verdict, reason, retryAfterMs], ['notYet', 'TooManyRequests', 56_000])
  deepEqual(judge(approvedAgo(4, 3, 2, 1)).retryAfterMs, undefined)
})

test('if other CSRs are unknown, the outcome is unknown too', () => {
  const facts = withCluster({ approvals: notLearnt('the list of CSRs has not been read yet') })
  expectOutcome(requestIsInShare, facts, unknown('the list of CSRs has not been read yet'))
})

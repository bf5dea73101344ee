import assert from 'node:assert/strict'
import test from 'node:test'
import { defaultSettings, type Settings } from '../../policies/settings.ts'
import type { Decision, Verdict } from '../../policies/types.ts'
import { mayBeApproved, type Plan, planFor, retryLater, retrySoon, WAITS } from './plan.ts'

const before = 30_000
const after = 30_001

function plan(
  verdict: Verdict,
  changes: Partial<Settings> &
    Partial<Decision> & { readonly webhookEnabled?: boolean; readonly ageMs?: number } = {},
): Plan {
  const { webhookEnabled = true, ageMs = before, awaited = true, retryAfterMs, ...settings } = changes
  const decision = { verdict, reason: 'NodeUnknown', awaited } as const
  return planFor(retryAfterMs === undefined ? decision : { ...decision, retryAfterMs }, {
    settings: { ...defaultSettings, ...settings },
    webhookEnabled,
    ageMs,
    undecided: 0,
  })
}

function assertRechecked({ kind }: Plan): void {
  assert.equal(kind, 'recheck')
}

test('only the verdict approve is approved, and not in mode dryRun', () => {
  assert.deepEqual(plan('approve'), { kind: 'approve' })
  assert.deepEqual(plan('approve', { mode: 'approveOnly' }), { kind: 'approve' })
  assertRechecked(plan('approve', { mode: 'dryRun' }))
})

test('a stored violation is denied if the webhook is enabled, unless denyStored says otherwise', () => {
  const denied = { kind: 'deny', limited: false, awaited: true }
  assert.deepEqual(plan('deny'), denied)
  assert.deepEqual(plan('deny', { webhookEnabled: false }), WAITS)
  assert.deepEqual(plan('deny', { webhookEnabled: false, denyStored: true }), denied)
  assert.deepEqual(plan('deny', { denyStored: false }), WAITS)
})

test('a CSR that does not conform yet is denied after patienceSeconds, with or without the webhook', () => {
  assertRechecked(plan('notYet', { ageMs: before }))
  assert.deepEqual(plan('notYet', { ageMs: after }), { kind: 'deny', limited: true, awaited: true })
  assert.deepEqual(plan('notYet', { ageMs: after, webhookEnabled: false }), {
    kind: 'deny',
    limited: true,
    awaited: true,
  })
  assertRechecked(plan('notYet', { ageMs: after, patienceSeconds: 31 }))
})

test('a CSR that no kubelet waits for is denied with awaited: false', () => {
  const denied = { kind: 'deny', limited: true, awaited: false }
  assert.deepEqual(plan('notYet', { ageMs: after, awaited: false }), denied)
})

test('a CSR that passes after a while is not denied, however old it is', () => {
  assertRechecked(plan('notYet', { ageMs: after, retryAfterMs: 1 }))
})

test('modes dryRun and approveOnly never deny', () => {
  for (const mode of ['dryRun', 'approveOnly'] as const) {
    assert.deepEqual(plan('deny', { mode, denyStored: true }), WAITS)
    assertRechecked(plan('notYet', { mode, ageMs: after }))
  }
})

test('a CSR with the verdict unknown, error or ignore is left, however old it is', () => {
  assert.deepEqual(plan('unknown', { ageMs: after }), retrySoon())
  assert.deepEqual(plan('error', { ageMs: after }), retryLater())
  assert.deepEqual(plan('ignore', { ageMs: after }), WAITS)
})

test('a CSR may still be approved while nothing but time, facts or a write is missing', () => {
  const approvable = (
    verdict: Verdict,
    changes: Partial<Settings> & { readonly retryAfterMs?: number; readonly ageMs?: number } = {},
  ): boolean => {
    const { ageMs = before, retryAfterMs, ...settings } = changes
    const now = { settings: { ...defaultSettings, ...settings }, ageMs }
    const decision = retryAfterMs === undefined ? { verdict } : { verdict, retryAfterMs }
    return mayBeApproved(decision, now)
  }
  for (const verdict of ['approve', 'unknown', 'error', 'notYet'] as const)
    assert.ok(approvable(verdict), verdict)
  assert.ok(approvable('notYet', { ageMs: after, retryAfterMs: 60_000 }))
  assert.ok(!approvable('approve', { mode: 'dryRun' }))
  for (const mode of ['enforce', 'dryRun', 'approveOnly'] as const) {
    assert.ok(!approvable('deny', { mode }), mode)
    assert.ok(!approvable('deny', { mode, denyStored: false }), mode)
    assert.ok(!approvable('ignore', { mode }), mode)
    assert.ok(!approvable('notYet', { mode, ageMs: after }), mode)
  }
})

import assert from 'node:assert/strict'
import test from 'node:test'
import { defaultSettings, type Settings } from '../../policies/settings.ts'
import type { Verdict } from '../../policies/types.ts'
import { type Plan, planFor } from './plan.ts'

const before = 30_000
const after = 30_001

function plan(
  verdict: Verdict,
  changes: Partial<Settings> & { webhookEnabled?: boolean; ageMs?: number; awaited?: boolean } = {},
): Plan {
  const { webhookEnabled = true, ageMs = before, awaited = true, ...settings } = changes
  return planFor(
    { verdict, awaited },
    { settings: { ...defaultSettings, ...settings }, webhookEnabled, ageMs },
  )
}

const left = (until: string): object => ({ do: 'leave', until })

test('only an approve is approved, and in audit not even that', () => {
  assert.deepEqual(plan('approve'), { do: 'approve' })
  assert.deepEqual(plan('approve', { mode: 'approveOnly' }), { do: 'approve' })
  assert.deepEqual(plan('approve', { mode: 'audit' }), left('rechecked'))
})

test('a stored violation is denied while the webhook is on, or as the policy says', () => {
  const denied = { do: 'deny', capped: false, awaited: true }
  assert.deepEqual(plan('deny'), denied)
  assert.deepEqual(plan('deny', { webhookEnabled: false }), left('changed'))
  assert.deepEqual(plan('deny', { webhookEnabled: false, denyStored: true }), denied)
  assert.deepEqual(plan('deny', { denyStored: false }), left('changed'))
})

test('what does not conform yet is denied once patience is over, whatever the webhook', () => {
  assert.deepEqual(plan('notYet', { ageMs: before }), left('rechecked'))
  assert.deepEqual(plan('notYet', { ageMs: after }), { do: 'deny', capped: true, awaited: true })
  assert.deepEqual(plan('notYet', { ageMs: after, webhookEnabled: false }), {
    do: 'deny',
    capped: true,
    awaited: true,
  })
  assert.deepEqual(plan('notYet', { ageMs: after, patienceSeconds: 31 }), left('rechecked'))
})

test('what nobody waits for is denied as such', () => {
  const denied = { do: 'deny', capped: true, awaited: false }
  assert.deepEqual(plan('notYet', { ageMs: after, awaited: false }), denied)
})

test('neither audit nor approveOnly ever denies', () => {
  for (const mode of ['audit', 'approveOnly'] as const) {
    assert.deepEqual(plan('deny', { mode, denyStored: true }), left('changed'))
    assert.deepEqual(plan('notYet', { mode, ageMs: after }), left('rechecked'))
  }
})

test('what cannot be told, what is broken and what is not ours is left alone, however old', () => {
  assert.deepEqual(plan('unknown', { ageMs: after }), left('known'))
  assert.deepEqual(plan('error', { ageMs: after }), left('mended'))
  assert.deepEqual(plan('ignore', { ageMs: after }), left('changed'))
})

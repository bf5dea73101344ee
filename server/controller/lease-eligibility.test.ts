import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LeaseEligibility } from './lease-eligibility.ts'

const UNABLE_MS = 30_000

test('a replica that can decide keeps the Lease and takes a vacant one at once', () => {
  const ability = new LeaseEligibility(() => true, UNABLE_MS)
  ability.note(0)
  assert.equal(ability.mustResign(UNABLE_MS), false)
  assert.equal(ability.mayTake(true, 0), true)
  assert.equal(ability.mayTake(false, 0), false)
})

test('a holder that cannot decide keeps the Lease for 30 s', () => {
  let able = true
  const ability = new LeaseEligibility(() => able, UNABLE_MS)
  ability.note(1_000)
  able = false
  ability.note(2_000)
  assert.equal(ability.mustResign(31_000), false)
  assert.equal(ability.mustResign(31_001), true)
  assert.equal(ability.mustResign(31_002), false)
})

test('a replica that cannot decide takes a Lease that was vacant for a minute without a break', () => {
  const ability = new LeaseEligibility(() => false, UNABLE_MS)
  assert.equal(ability.mayTake(true, 0), false)
  assert.equal(ability.mayTake(true, 59_999), false)
  assert.equal(ability.mayTake(false, 60_000), false)
  assert.equal(ability.mayTake(true, 61_000), false)
  assert.equal(ability.mayTake(true, 120_999), false)
  assert.equal(ability.mayTake(true, 121_000), true)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Proof } from './proof.ts'

const silent = (): Proof => new Proof(() => undefined)

test('a run succeeds when every promise was kept', () => {
  const proof = silent()
  proof.within('logs work', 59_999, 60)
  proof.holds('nothing is left', 'none', true)
  assert.equal(proof.conclude(), true)
})

test('a promise that was kept too late fails the run', () => {
  const proof = silent()
  proof.within('logs work', 60_001, 60)
  proof.holds('nothing is left', 'none', true)
  assert.equal(proof.conclude(), false)
})

test('a run that ended early fails, whatever was kept before', async () => {
  const proof = silent()
  proof.holds('the cluster is up', 'up', true)
  proof.fail(new Error('helm ended with 1'))
  assert.equal(proof.conclude(), false)
})

test('a run without promises fails', () => {
  assert.equal(silent().conclude(), false)
})

test('the table names what was broken, with what was found and the limit', () => {
  const told: string[] = []
  const proof = new Proof((text) => told.push(text))
  proof.part('Healing')
  proof.within('logs work', 61_000, 60)
  told.length = 0
  proof.conclude()
  assert.deepEqual(told.slice(1, 3), ['Healing\n', '  BROKEN  logs work  61.0 s ≤ 60 s\n'])
})

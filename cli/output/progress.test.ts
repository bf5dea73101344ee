import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testContext } from '../context.fixture.ts'
import { progressOn } from './progress.ts'

test('progress replaces its own line, and is never wider than the terminal', async () => {
  const context = testContext({ columns: 24 })
  const progress = progressOn(context.stderr)
  await progress.show('dialling 1 of 1000 kubelets')
  await progress.clear()
  assert.equal(context.written.stderr, '\r\u001b[2Kdialling 1 of 1000 k...\r\u001b[2K')
})

test('without a terminal there is no progress', async () => {
  const context = testContext()
  await progressOn(context.stderr).show('dialling')
  assert.equal(context.written.stderr, '')
})

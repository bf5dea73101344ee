import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodNode } from '../../policies/good-request.fixture.ts'
import { FakeStore } from '../facts/store.fixture.ts'
import { establishedUsers } from './established.ts'

const MINUTE = 60_000

test('a user is established once its Node has been there for ten minutes, and not without a Node', () => {
  const nodes = new FakeStore({ 'worker-1': goodNode })
  const at = (minutes: number) =>
    establishedUsers({ nodes, clock: { serverNow: () => goodNode.createdAt + minutes * MINUTE } })
  assert.equal(at(10)('system:node:worker-1'), false)
  assert.equal(at(10.1)('system:node:worker-1'), true)
  assert.equal(at(10.1)('system:node:worker-2'), false)
  assert.equal(at(10.1)('worker-1'), false)
})

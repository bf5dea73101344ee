import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from './until.ts'

test('what was waited for is returned once it is there', async () => {
  let looks = 0
  assert.equal(await until('it comes', 5, async () => (++looks < 2 ? undefined : 'here')), 'here')
})

test('what never comes is told with the time and the last error', async () => {
  const look = () => Promise.reject(new Error('connection refused'))
  await assert.rejects(until('the API server answers', 0.1, look), {
    message: 'the API server answers: not within 0.1 s; last: connection refused',
  })
})

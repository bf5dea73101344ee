import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from './until.ts'

test('what was waited for is returned once it is there', async () => {
  let looks = 0
  assert.equal(await until(() => ++looks > 1 && 'here', 'it comes'), 'here')
})

test('an error while waiting is not the end', async () => {
  let looks = 0
  const look = () => (++looks > 1 ? Promise.resolve('here') : Promise.reject(new Error('not yet')))
  assert.equal(await until(look, 'it comes'), 'here')
})

test('when the time is over, the message has what was waited for and the last error', async () => {
  const look = () => Promise.reject(new Error('connection refused'))
  await assert.rejects(until(look, 'the API server answers', 20), {
    message: 'the API server answers: not within 0.02 s; last error: connection refused',
  })
})

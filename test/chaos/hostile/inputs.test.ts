import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostileInputs } from './inputs.ts'

test('there are at least forty hostile inputs, and no two have one name', () => {
  assert.ok(hostileInputs.length >= 40, `only ${hostileInputs.length}`)
  assert.equal(new Set(hostileInputs.map(({ name }) => name)).size, hostileInputs.length)
  for (const { name } of hostileInputs) assert.match(name, /^[a-z0-9-]+$/u)
})

test('each hostile input says what it does and what it is against', () => {
  const against = Map.groupBy(hostileInputs, (input) => input.against)
  assert.deepEqual([...against.keys()].sort(), ['api server', 'probe port', 'webhook port'])
  for (const [target, inputs] of against)
    assert.ok(inputs.length >= 10, `${inputs.length} against the ${target}`)
  for (const { name, does } of hostileInputs) assert.ok(does.length > 2, name)
})

test('only what goes through the API server wants no webhook to be registered', () => {
  const wrong = hostileInputs.filter((input) => input.unregistered && input.against !== 'api server')
  assert.deepEqual(wrong, [])
})

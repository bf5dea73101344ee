import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences, notStoredAsWritten } from './difference.ts'

test('objects with the same fields do not differ, in whatever order', () => {
  assert.deepEqual(differences({ a: [1, { b: null }], c: {} }, { c: {}, a: [1, { b: null }] }), [])
})

test('a changed, an added and a removed field are named with both values', () => {
  assert.deepEqual(
    differences({ spec: { replicas: 2, paused: true } }, { spec: { replicas: 3, mode: 'x' } }),
    ['spec.replicas: 2 → 3', 'spec.paused: true → absent', 'spec.mode: absent → "x"'],
  )
})

test('an item of a list is compared with the item at its place', () => {
  assert.deepEqual(differences({ list: [{ a: 1 }, { a: 2 }] }, { list: [{ a: 1 }, { a: 3 }] }), [
    'list[1].a: 2 → 3',
  ])
  assert.deepEqual(differences({ list: [] }, { list: [1] }), ['list: [] → [1]'])
})

test('what only the stored object has is no difference to what was written', () => {
  assert.deepEqual(
    notStoredAsWritten({ ports: [{ port: 443 }] }, { ports: [{ port: 443, protocol: 'TCP' }], status: {} }),
    [],
  )
})

test('another way to write a quantity, an empty map that is not stored, and null are differences to what was written', () => {
  assert.deepEqual(notStoredAsWritten({ cpu: '1000m' }, { cpu: '1' }), ['cpu: "1000m" → "1"'])
  assert.deepEqual(notStoredAsWritten({ annotations: {} }, {}), ['annotations: {} → absent'])
  assert.deepEqual(notStoredAsWritten({ minAvailable: null }, {}), ['minAvailable: null → absent'])
})

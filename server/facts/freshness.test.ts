import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { distrust } from './freshness.ts'
import { FakeStore } from './store.fixture.ts'

test('why a list is not trusted is said in words', () => {
  const store = new FakeStore({}, 'Nodes')
  const at = (ageMs: number) => {
    store.ageMs = ageMs
    return distrust(store, 5_000)
  }
  equal(at(5_000), null)
  equal(at(6_000), 'nothing was heard of Nodes for 6 s')
  store.problem = '410 Gone'
  equal(at(Infinity), 'the list of Nodes is being read again: 410 Gone')
  store.phase = 'syncing'
  equal(at(Infinity), 'the list of Nodes has not been read yet: 410 Gone')
})

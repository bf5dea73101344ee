import assert from 'node:assert/strict'
import test from 'node:test'
import { listen } from '../../test/kit/fake-api/quiet.ts'
import type { Change, JsonObject } from '../ports.ts'
import { objectAt, textAt } from '../json.ts'
import { ObjectStore } from './store.ts'

interface Item {
  readonly name: string
  readonly owner: string
  readonly createdAt: number
}

function object(name: string, owner: string, createdAt: number): JsonObject {
  return { metadata: { name, uid: `uid-${name}`, resourceVersion: '1' }, owner, createdAt }
}

function begin(max: number) {
  const { log, said } = listen()
  const copy = new ObjectStore<Item>({
    name: 'csrs',
    log,
    quota: { owner: ({ owner }) => owner, createdAt: ({ createdAt }) => createdAt, max },
    select: (read) => ({
      name: textAt(objectAt(read, 'metadata'), 'name'),
      owner: textAt(read, 'owner'),
      createdAt: Number(read['createdAt']),
    }),
  })
  const told: string[] = []
  copy.subscribe(({ key, before, after }: Change<Item>) => {
    told.push(`${after === undefined ? 'forget' : before === undefined ? 'new' : 'changed'} ${key}`)
  })
  const names = () => [...copy.values()].map(({ name }) => name).sort()
  return { copy, told, said, names }
}

test('of one owner only the newest objects are kept, of the others all', () => {
  const { copy, told, said, names } = begin(2)
  copy.apply(object('honest', 'n1', 1), false)
  for (const [name, createdAt] of [
    ['b', 20],
    ['c', 30],
    ['a', 10],
    ['d', 40],
  ] as const) {
    copy.apply(object(name, 'n2', createdAt), false)
  }
  assert.deepEqual(names(), ['c', 'd', 'honest'])
  assert.deepEqual(told, ['new honest', 'new b', 'new c', 'new d', 'forget b'])
  assert.deepEqual(said, ['warn: more objects of one owner than are kept: its oldest are not looked at'])
})

test('what changes or goes frees its own place', () => {
  const { copy, names } = begin(2)
  copy.apply(object('a', 'n2', 10), false)
  copy.apply(object('b', 'n2', 20), false)
  copy.apply(object('a', 'n2', 10), false)
  assert.deepEqual(names(), ['a', 'b'])
  copy.apply(object('a', 'n2', 10), true)
  copy.apply(object('c', 'n2', 30), false)
  assert.deepEqual(names(), ['b', 'c'])
})

test('a list is held to the quota while it is read', () => {
  const { copy, told, names } = begin(2)
  copy.apply(object('a', 'n2', 10), false)
  const reading = copy.read()
  for (let number = 0; number < 1_000; number += 1)
    reading.add(object(`x${number}`, 'n2', 100 + (number % 999)))
  assert.equal(reading.entries.size, 2)
  assert.deepEqual(names(), ['a'])
  copy.replace(reading)
  assert.deepEqual(names(), ['x997', 'x998'])
  assert.deepEqual(told.slice(1).sort(), ['forget a', 'new x997', 'new x998'])
})

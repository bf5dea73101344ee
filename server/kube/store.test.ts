import assert from 'node:assert/strict'
import test from 'node:test'
import { listen } from '../../test/kit/quiet.ts'
import { objectAt, textAt } from '../json.ts'
import type { Change, JsonObject } from '../ports.ts'
import type { Item } from './items.ts'
import type { Quota } from './quota.ts'
import { ObjectStore, type StoreOptions } from './store.ts'

interface Kept {
  readonly name: string
  readonly owner: string
  readonly createdAt: number
  readonly label: string
}

const item = (name: string, version: number, more: JsonObject = {}): Item => ({
  readable: true,
  object: { metadata: { name, uid: `uid-${name}`, resourceVersion: String(version) }, ...more },
})
const owned = (name: string, owner: string, createdAt: number): Item => item(name, 1, { owner, createdAt })

function begin(options: Partial<StoreOptions<Kept>> = {}) {
  const { log, said } = listen()
  const store = new ObjectStore<Kept>({
    name: 'csrs',
    log,
    select: (read) => ({
      name: textAt(objectAt(read, 'metadata'), 'name'),
      owner: textAt(read, 'owner'),
      createdAt: Number(read['createdAt']),
      label: textAt(read, 'label'),
    }),
    ...options,
  })
  const changes: string[] = []
  store.subscribe(({ key, before, after }: Change<Kept>) => {
    changes.push(`${after === undefined ? 'gone' : before === undefined ? 'new' : 'changed'} ${key}`)
  })
  const names = () => [...store.values()].map(({ name }) => name).sort()
  const list = async (...items: readonly Item[]) => {
    store.beginList()
    for (const one of items) store.addListed(one)
    await store.endList('10')
  }
  return { store, changes, said, names, list }
}

test('a list is read in place: what it shows is there, what it does not show is gone, what did not change is not reported', async () => {
  const { changes, names, list } = begin()
  await list(item('a', 1), item('b', 2), item('c', 3))
  changes.length = 0
  await list(item('b', 2), item('c', 9), item('d', 10))
  assert.deepEqual(names(), ['b', 'c', 'd'])
  assert.deepEqual(changes, ['changed c', 'new d', 'gone a'])
})

test('a list that breaks off takes nothing away', () => {
  const { store, names } = begin()
  store.apply(item('a', 1), false)
  store.beginList()
  store.addListed(item('b', 2))
  store.beginList()
  assert.deepEqual(names(), ['a', 'b'])
})

test('what the watch reported while a list was read is newer than what the list shows of it', async () => {
  const { store, names } = begin()
  store.apply(item('deleted', 1), false)
  store.beginList()
  store.apply(item('changed', 8, { label: 'new' }), false)
  store.apply(item('deleted', 9), true)
  store.apply(item('created', 10), false)
  store.addListed(item('changed', 2, { label: 'old' }))
  store.addListed(item('deleted', 1))
  await store.endList('7')
  assert.deepEqual(names(), ['changed', 'created'])
  assert.equal(store.get('changed')?.label, 'new')
})

test('what a watch that lags reported while a list was read is older than what the list shows of it', async () => {
  const { store, names } = begin()
  store.beginList()
  for (const name of ['changed', 'gone']) store.apply(item(name, 3, { label: 'old' }), false)
  store.addListed(item('changed', 9, { label: 'new' }))
  await store.endList('10')
  assert.deepEqual(names(), ['changed'])
  assert.equal(store.get('changed')?.label, 'new')
})

test('a watch that lags behind a list neither brings back what is gone nor takes away what was made anew', async () => {
  const { store, names, list } = begin()
  await list(item('anew', 9))
  store.apply(item('gone', 8), false)
  const first = { metadata: { name: 'anew', uid: 'another', resourceVersion: '5' } }
  store.apply({ readable: true, object: first }, true)
  assert.deepEqual(names(), ['anew'])
})

test('a watch that lags behind a list does not turn an object back', async () => {
  const { store, list } = begin()
  await list(item('a', 9, { label: 'new' }))
  store.apply(item('a', 8, { label: 'old' }), false)
  assert.equal(store.get('a')?.label, 'new')
  store.apply(item('a', 100, { label: 'newer' }), false)
  assert.equal(store.get('a')?.label, 'newer')
})

test('an object made anew under the same name is another, whatever its version', () => {
  const { store } = begin()
  store.apply(item('a', 9, { label: 'first' }), false)
  const second = { metadata: { name: 'a', uid: 'another', resourceVersion: '3' }, label: 'second' }
  store.apply({ readable: true, object: second }, false)
  assert.equal(store.get('a')?.label, 'second')
})

test('an object that can no longer be read is marked, and its last state kept until it can be read or is gone', () => {
  const { store, changes, said } = begin()
  store.apply(item('a', 1), false)
  for (const key of ['a', 'b'])
    store.apply({ readable: false, key, because: 'is larger than 5 bytes' }, false)
  assert.deepEqual([store.get('a')?.name, store.isUnreadable('a')], ['a', true])
  assert.deepEqual([store.get('b'), store.isUnreadable('b')], [undefined, true])
  store.apply(item('a', 2), false)
  assert.deepEqual([store.get('a')?.name, store.isUnreadable('a')], ['a', false])
  assert.deepEqual(changes, ['new a', 'changed a', 'changed a'])
  assert.deepEqual(said, ['warn: an object cannot be read', 'warn: an object cannot be read'])
})

/** Two objects of each owner; each takes as many bytes as its label is long, and none as an outline. */
const quota: Quota<Kept> = {
  owner: ({ owner }) => owner,
  createdAt: ({ createdAt }) => createdAt,
  max: 2,
  bytes: ({ label }) => label.length,
  outline: (kept) => ({ ...kept, label: '' }),
  ownerMaxBytes: 10,
  maxBytes: 25,
}
const labelled = (name: string, owner: string, label: string): Item =>
  item(name, 1, { owner, createdAt: 1, label })

test('of one owner only the newest objects are kept, of the others all', () => {
  const { store, changes, said, names } = begin({ quota })
  store.apply(owned('honest', 'n1', 1), false)
  for (const [name, createdAt] of [
    ['b', 20],
    ['c', 30],
    ['a', 10],
    ['d', 40],
  ] as const)
    store.apply(owned(name, 'n2', createdAt), false)
  assert.deepEqual(names(), ['c', 'd', 'honest'])
  assert.deepEqual(changes, ['new honest', 'new b', 'new c', 'new d', 'gone b'])
  assert.deepEqual(said, ['warn: one owner has more objects than are kept: the oldest are ignored'])
})

test('a list is held to the quota while it is read', async () => {
  const { names, list } = begin({ quota })
  await list(...Array.from({ length: 1_000 }, (_, number) => owned(`x${number}`, 'n2', 100 + (number % 999))))
  assert.deepEqual(names(), ['x997', 'x998'])
})

test('what changes or goes frees its own place', () => {
  const { store, names } = begin({ quota })
  store.apply(owned('a', 'n2', 10), false)
  store.apply(owned('b', 'n2', 20), false)
  store.apply(owned('a', 'n2', 10), false)
  assert.deepEqual(names(), ['a', 'b'])
  store.apply(owned('a', 'n2', 10), true)
  store.apply(owned('c', 'n2', 30), false)
  assert.deepEqual(names(), ['b', 'c'])
})

test('past its owner’s share an object is kept as its outline, and so is one that is larger than a share', () => {
  const { store, changes } = begin({ quota })
  store.apply(labelled('a', 'n1', '123456'), false)
  store.apply(labelled('b', 'n1', '12345'), false)
  store.apply(labelled('c', 'n2', '12345678901'), false)
  store.apply(labelled('d', 'n2', '1234567890'), false)
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((name) => store.get(name)?.label),
    ['123456', '', '', '1234567890'],
  )
  assert.deepEqual(changes, ['new a', 'new b', 'new c', 'new d'])
})

test('past what all objects may take, those of everybody are kept as their outlines, until there is room again', () => {
  const { store } = begin({ quota })
  for (const owner of ['n1', 'n2', 'n3']) store.apply(labelled(owner, owner, '1234567890'), false)
  assert.equal(store.get('n3')?.label, '')
  store.apply(labelled('n1', 'n1', '1234567890'), true)
  store.apply(labelled('n4', 'n4', '1234567890'), false)
  assert.deepEqual(
    ['n2', 'n3', 'n4'].map((name) => store.get(name)?.label.length),
    [10, 0, 10],
  )
})

test('an object that changes again and again takes its room once', () => {
  const { store } = begin({ quota })
  for (let version = 1; version < 20; version += 1)
    store.apply(item('a', version, { owner: 'n1', createdAt: 1, label: '123456789' }), false)
  for (let times = 0; times < 9; times += 1)
    store.apply({ readable: false, key: 'a', because: 'is larger than 5 bytes' }, false)
  store.apply(item('a', 30, { owner: 'n1', createdAt: 1, label: '1234567890' }), false)
  assert.equal(store.get('a')?.label, '1234567890')
})

test('what the quota takes away frees its room', () => {
  const { store, names } = begin({ quota })
  for (const [name, createdAt] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    store.apply(item(name, 1, { owner: 'n1', createdAt, label: '12345' }), false)
  assert.deepEqual(names(), ['b', 'c'])
  assert.deepEqual([store.get('b')?.label, store.get('c')?.label], ['12345', ''])
  store.apply(item('d', 1, { owner: 'n1', createdAt: 4, label: '12345' }), false)
  assert.equal(store.get('d')?.label, '12345')
})

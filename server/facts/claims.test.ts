import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NodeFacts, ParsedRequest, San } from '../../policies/types.ts'
import { Claims } from './claims.ts'
import { FakeStore } from './store.fixture.ts'

function node(name: string, names: string[], addresses: string[]): NodeFacts {
  return {
    name,
    uid: name,
    createdAt: 0,
    deleting: false,
    uninitialized: false,
    controlPlane: false,
    names,
    addresses,
  }
}

function asking(...sans: Omit<San, 'at'>[]): ParsedRequest {
  const key = { type: 'Ed25519', bits: 256, at: 0 } as const
  const signature = { algorithm: 'Ed25519', fitsKey: true, verified: true, at: 0 }
  const named = sans.map((san) => ({ ...san, at: 0 }))
  return {
    readable: true,
    subject: [],
    attributes: [],
    extensions: [],
    sans: named,
    key,
    signature,
    spkiSha256: '',
  }
}

function rivals(claims: Claims) {
  return claims.rivals(request, 'own').map(({ kind, value, node: { name } }) => ({ kind, value, name }))
}

const request = asking({ kind: 'dNSName', value: 'Victim' }, { kind: 'iPAddress', value: '0a000001' })

test('another Node that reports a requested name or address is a rival, the requester’s own Node is not', () => {
  const nodes = new FakeStore({ own: node('own', ['victim'], ['0a000001']) })
  const claims = new Claims(nodes)
  assert.deepEqual(claims.rivals(request, 'own'), [])
  nodes.set('other', node('other', ['victim'], ['0a000001']))
  assert.deepEqual(rivals(claims), [
    { kind: 'dNSName', value: 'victim', name: 'other' },
    { kind: 'iPAddress', value: '0a000001', name: 'other' },
  ])
})

test('a Node claims its own name without reporting it', () => {
  const claims = new Claims(new FakeStore({ victim: node('victim', [], []) }))
  assert.deepEqual(rivals(claims), [{ kind: 'dNSName', value: 'victim', name: 'victim' }])
})

test('a claim ends when the Node stops reporting the value or is deleted', () => {
  const nodes = new FakeStore({ other: node('other', ['victim'], ['0a000001']) })
  const claims = new Claims(nodes)
  nodes.set('other', node('other', [], ['0a000001']))
  assert.deepEqual(
    claims.rivals(request, 'own').map(({ kind }) => kind),
    ['iPAddress'],
  )
  nodes.set('other', undefined)
  assert.deepEqual(claims.rivals(request, 'own'), [])
})

test('every rival is returned', () => {
  const others = Object.fromEntries(['b', 'c'].map((name) => [name, node(name, [], ['0a000001'])]))
  const found = rivals(new Claims(new FakeStore(others))).map(({ name }) => name)
  assert.deepEqual(found, ['b', 'c'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAltNames } from './alt-names.ts'

test('names, addresses and all others are read from the text form of a subjectAltName', () => {
  const text =
    'DNS:Kubernetes, DNS:*.example.com, IP Address:10.96.0.1, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe://x/y'
  assert.deepEqual(parseAltNames(text), {
    names: ['kubernetes', '*.example.com'],
    addresses: ['10.96.0.1', 'fd00:0:0:0:0:0:0:1'],
    others: ['URI:spiffe://x/y'],
  })
})

test('a quoted value is one value, whatever punctuation it contains', () => {
  const text = 'DNS:"a, DNS:b\\"", DNS:c, email:"x, IP Address:10.0.0.1", IP Address:10.0.0.2'
  assert.deepEqual(parseAltNames(text), {
    names: ['a, dns:b"', 'c'],
    addresses: ['10.0.0.2'],
    others: ['email:x, IP Address:10.0.0.1'],
  })
})

test('an invalid address is none', () => {
  assert.deepEqual(parseAltNames('IP Address:<invalid length=3>, DNS:a'), {
    names: ['a'],
    addresses: [],
    others: ['IP Address:<invalid length=3>'],
  })
  assert.deepEqual(parseAltNames(), { names: [], addresses: [], others: [] })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reported, sansOf } from './addresses.ts'

test('a kubelet asks for each name and address its Node reports, once, in order', () => {
  const sans = sansOf(
    reported(
      ['Hostname', 'n1'],
      ['InternalDNS', 'n1'],
      ['ExternalDNS', 'a.example.com'],
      ['InternalIP', '203.0.113.2'],
      ['ExternalIP', '203.0.113.1'],
    ),
  )
  assert.deepEqual(sans, { dnsNames: ['a.example.com', 'n1'], addresses: ['203.0.113.1', '203.0.113.2'] })
})

test('a host name that is an address is asked for as an address', () => {
  assert.deepEqual(sansOf(reported(['Hostname', '2001:db8::1'])), {
    dnsNames: [],
    addresses: ['2001:db8::1'],
  })
})

test('an address that is none is left out, as a kubelet leaves it out', () => {
  assert.deepEqual(sansOf(reported(['InternalIP', 'not-an-address'])), { dnsNames: [], addresses: [] })
})

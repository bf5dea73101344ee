import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  certificate,
  type CertificateShape,
  issuedText,
  signingCa,
} from '../../test/kit/requests/certificate.ts'
import { ascii, implicit } from '../../test/kit/requests/der.ts'
import { freshKeys } from '../../test/kit/requests/keys.ts'
import { buildRequest } from '../../test/kit/requests/request.ts'
import { readUnverified } from '../pkcs10/request.ts'
import { createCompareIssued } from './compare-issued.ts'

const ca = signingCa()
const { request: asked, keys } = buildRequest()
const request = readUnverified(asked)
const NOT_AFTER = Date.UTC(2027, 10, 26)
const compareIssued = createCompareIssued({ note: () => undefined })

/** The certificate that an honest signer makes of the request, but for one change. */
function examined(change: Partial<CertificateShape> = {}) {
  const der = certificate({ keys, notBefore: NOT_AFTER - 24 * 3_600_000, notAfter: NOT_AFTER, ...change }, ca)
  return compareIssued(issuedText(der), { request })
}

test('a certificate that is what was approved has no mismatch, and its end is kept', () => {
  assert.deepEqual(examined(), { notAfter: NOT_AFTER, mismatches: [] })
  const all = { dnsNames: ['a', 'b'], addresses: ['10.0.0.1', 'fd00::1'] }
  const built = buildRequest(all)
  const reversed = { dnsNames: ['b', 'a'], addresses: ['fd00::1', '10.0.0.1'] }
  const text = issuedText(certificate({ keys: built.keys, ...reversed }, ca), ca.der)
  assert.deepEqual(compareIssued(text, { request: readUnverified(built.request) }).mismatches, [])
})

test('every kind of key that may be approved is recognized', () => {
  for (const kind of ['P-256', 'P-384', 'P-521', 'RSA-2048', 'Ed25519'] as const) {
    const built = buildRequest({ key: kind })
    const text = issuedText(certificate({ keys: built.keys }, ca))
    assert.deepEqual(compareIssued(text, { request: readUnverified(built.request) }).mismatches, [], kind)
  }
})

/** What a signer may change, and what is said of it. */
const changes: readonly (readonly [field: string, change: Partial<CertificateShape>, detail: string])[] = [
  ['publicKey', { keys: freshKeys('P-256') }, 'it has another public key than the request'],
  ['names', { dnsNames: ['node-1', 'kubernetes'] }, 'it is also for DNS:kubernetes'],
  ['names', { addresses: [] }, 'it is not for "IP Address:10.0.0.1"'],
  [
    'names',
    { dnsNames: ['node-1', '10.0.0.1'], addresses: [] },
    'it is also for DNS:10.0.0.1, and not for "IP Address:10.0.0.1"',
  ],
  ['names', { addresses: ['10.0.0.1', 'fd00::1'] }, 'it is also for "IP Address:fd00::1"'],
  ['names', { otherNames: [implicit(6, ascii('spiffe://x/y'))] }, 'it is also for URI:spiffe://x/y'],
  ['authority', { isAuthority: true, keyUsage: 0x86 }, 'it is the certificate of a CA'],
]

for (const [field, change, detail] of changes)
  test(`a signer that changes the ${field} is told: ${detail}`, () => {
    assert.deepEqual(examined(change).mismatches, [{ field, detail }])
  })

test('whatever else a signer writes is no mismatch', () => {
  for (const change of [
    { keyUsage: 0xa0 },
    { commonName: 'system:node:node-1', organizations: ['example'] },
    { notAfter: Date.UTC(2060, 0, 1) },
  ])
    assert.deepEqual(examined(change).mismatches, [], JSON.stringify(change))
})

test('a certificate that cannot be read is told, whatever it is', () => {
  const der = certificate({ keys }, ca)
  const unreadable = {
    notAfter: 0,
    mismatches: [{ field: 'encoding', detail: 'it is not a certificate in at most 64 KiB of PEM' }],
  }
  for (const text of ['', 'TFMw', '!', issuedText(der.slice(0, 0)), 'A'.repeat(90_000)])
    assert.deepEqual(compareIssued(text, { request }), unreadable, text.slice(0, 40))
  for (let at = 0; at < der.length - 1; at += 1)
    assert.deepEqual(
      compareIssued(issuedText(der.subarray(0, at + 1).with(at, 0xff)), { request }),
      unreadable,
      String(at),
    )
})

test('a request that another approver approved and that cannot be read is a mismatch', () => {
  const { mismatches } = compareIssued(issuedText(certificate({ keys }, ca)), {
    request: readUnverified('AAAA'),
  })
  assert.equal(mismatches[0]?.field, 'encoding')
  assert.match(mismatches[0].detail, /^the approved request cannot be read: /u)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KeyName, freshKeys } from '../../test/kit/requests/keys.ts'
import { sequence } from '../../test/kit/requests/der.ts'
import {
  attribute,
  buildRequest,
  dnsName,
  extensionRequest,
  type RequestShape,
  subjectAltName,
} from '../../test/kit/requests/request.ts'
import { readDer, readRequest, readUnverified } from './request.ts'

test('all parts of a stock kubelet’s request are read', () => {
  const { request } = buildRequest({ dnsNames: ['node-1', 'node-1.lan'], addresses: ['10.0.0.1', 'fd00::1'] })
  const read = readRequest(request)
  assert.ok(read.readable)
  assert.deepEqual(read.subject, [
    [{ oid: '2.5.4.10', encoding: 'PrintableString', value: 'system:nodes', at: 14 }],
    [{ oid: '2.5.4.3', encoding: 'PrintableString', value: 'system:node:node-1', at: 37 }],
  ])
  assert.deepEqual(read.attributes, [{ oid: '1.2.840.113549.1.9.14', values: 1, at: 157 }])
  assert.deepEqual(read.extensions, [{ oid: '2.5.29.17', critical: false, at: 174 }])
  assert.deepEqual(read.sans, [
    { kind: 'dNSName', value: 'node-1', at: 185 },
    { kind: 'dNSName', value: 'node-1.lan', at: 193 },
    { kind: 'iPAddress', value: '0a000001', at: 205 },
    { kind: 'iPAddress', value: `fd00${'0'.repeat(27)}1`, at: 211 },
  ])
  assert.deepEqual(read.key, { type: 'ECDSA', curve: 'P-256', bits: 256, at: 66 })
  assert.deepEqual(read.signature, { algorithm: 'ECDSA-SHA256', fitsKey: true, verified: true, at: 229 })
})

test('a parsed request is deeply frozen', () => {
  const read = readRequest(buildRequest().request)
  assert.ok(read.readable)
  for (const part of [
    read,
    read.subject,
    read.subject[0]?.[0],
    read.sans,
    read.sans[0],
    read.key,
    read.signature,
  ]) {
    assert.ok(Object.isFrozen(part))
  }
})

test('every supported kind of key is read, and its signature is verified', () => {
  const kinds: KeyName[] = ['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072', 'Ed25519']
  for (const key of kinds) {
    const read = readRequest(buildRequest({ key }).request)
    assert.ok(read.readable, key)
    assert.equal(read.signature.verified, true, key)
    assert.equal(read.key.type === 'RSA' ? `RSA-${read.key.bits}` : key, key)
  }
})

test('an unsupported key is named, and its signature is not verified', () => {
  const rows: [key: KeyName, name: string][] = [
    ['P-224', 'P-224'],
    ['secp256k1', 'secp256k1'],
    ['P-256 explicit', 'explicit EC parameters'],
    ['RSA-PSS', 'RSASSA-PSS'],
    ['DSA', 'DSA'],
    ['Ed448', 'Ed448'],
    ['ML-DSA-44', 'ML-DSA-44'],
    ['ML-DSA-65', 'ML-DSA-65'],
    ['ML-DSA-87', 'ML-DSA-87'],
  ]
  for (const [key, name] of rows) {
    const read = readRequest(buildRequest({ key }).request)
    assert.ok(read.readable, key)
    assert.deepEqual([read.key.type, 'name' in read.key && read.key.name], ['unsupported', name])
    assert.deepEqual([read.signature.fitsKey, read.signature.verified], [false, false])
  }
})

test('names are also read from a second attribute, value or extension', () => {
  const [one, two, three] = ['node-1', 'kubernetes', 'localhost'].map((name) => subjectAltName(dnsName(name)))
  assert.ok(one && two && three)
  const shapes: RequestShape[] = [
    { attributes: [extensionRequest(one), extensionRequest(two, three)] },
    { attributes: [attribute('1.2.840.113549.1.9.14', sequence(one), sequence(two, three))] },
    { extensions: [one, two, three] },
  ]
  for (const shape of shapes) {
    const read = readRequest(buildRequest(shape).request)
    assert.ok(read.readable)
    assert.deepEqual(
      read.sans.map(({ value }) => value),
      ['node-1', 'kubernetes', 'localhost'],
    )
    assert.equal(read.extensions.length, 3)
  }
})

test('spkiSha256 identifies the public key', () => {
  const keys = freshKeys('P-256')
  const first = readRequest(buildRequest({ key: keys }).request)
  const again = readRequest(buildRequest({ key: keys, dnsNames: ['other'] }).request)
  const other = readRequest(buildRequest({ key: freshKeys('P-256') }).request)
  assert.ok(first.readable && again.readable && other.readable)
  assert.equal(first.spkiSha256, again.spkiSha256)
  assert.notEqual(first.spkiSha256, other.spkiSha256)
})

test('a stored request is read without verifying its signature, and does not count as verified', () => {
  const { request } = buildRequest({
    signature: (made) => made.with(made.length - 1, 0).with(made.length - 2, 0),
  })
  const read = readUnverified(request)
  assert.ok(read.readable)
  assert.equal(read.signature.verified, false)
  assert.equal(readRequest(request).readable, false)
  assert.deepEqual(readUnverified('AAAA'), readRequest('AAAA'))
})

test('a request truncated or changed at any octet never throws and never verifies', () => {
  const { der } = buildRequest()
  for (let at = 0; at < der.length; at += 1) {
    assert.equal(readDer(der.subarray(0, at)).readable, false)
    for (const flip of [1, 0x20, 0x80]) {
      const read = readDer(der.with(at, (der[at] ?? 0) ^ flip))
      assert.ok(!read.readable || !read.signature.verified, `octet ${at} changed by ${flip}`)
    }
  }
})

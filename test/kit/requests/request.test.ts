import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs it loaded first
import 'reflect-metadata'
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509'
import { ascii, bytes, lengthOctets, oid, paddedLength, tag, tlv, utf8 } from './der.ts'
import type { KeyName } from './keys.ts'
import { addressOctets, buildRequest, rdn, signedRequest } from './request.ts'

test('a built request is what another library reads, and its signature verifies', async () => {
  const kinds: KeyName[] = ['P-256', 'P-384', 'P-521', 'RSA-2048', 'Ed25519']
  for (const key of kinds) {
    const { pem } = buildRequest({
      key,
      dnsNames: ['node-1', 'node-1.example.com'],
      addresses: ['10.0.0.1', 'fd00::1'],
    })
    const read = new Pkcs10CertificateRequest(pem)
    assert.equal(read.subject, 'O=system:nodes, CN=system:node:node-1')
    const names = read.getExtension('2.5.29.17')
    assert.ok(names instanceof SubjectAlternativeNameExtension)
    assert.deepEqual(
      names.names.items.map(({ type, value }) => `${type}:${value}`),
      ['dns:node-1', 'dns:node-1.example.com', 'ip:10.0.0.1', 'ip:fd00::1'],
    )
    assert.equal(await read.verify(), true, key)
  }
})

test('a changed request is signed again, so that only the change is wrong', async () => {
  const { der } = buildRequest({ subject: [rdn(['2.5.4.3', utf8('ä')], ['2.5.4.10', 'x'])] })
  assert.equal(await new Pkcs10CertificateRequest(der).verify(), true)
  const { der: tampered } = buildRequest({
    signature: (made) => made.with(made.length - 1, (made.at(-1) ?? 0) ^ 1),
  })
  assert.equal(await new Pkcs10CertificateRequest(tampered).verify().catch(() => false), false)
})

test('every tag and length octet can be written wrongly', () => {
  assert.deepEqual(tlv(tag.ia5, ascii('a'), paddedLength(1, 2)), bytes(0x16, 0x82, 0, 1, 0x61))
  assert.deepEqual(tlv(bytes(0x1f, 0x81, 0x00), bytes()), bytes(0x1f, 0x81, 0x00, 0))
  assert.deepEqual(lengthOctets(0x7f), bytes(0x7f))
  assert.deepEqual(lengthOctets(0x80), bytes(0x81, 0x80))
  assert.deepEqual(lengthOctets(0x1_0000), bytes(0x83, 1, 0, 0))
  assert.deepEqual(oid('1.3.101.112'), bytes(6, 3, 0x2b, 0x65, 0x70))
})

test('addresses become their octets, an IPv4-mapped one sixteen', () => {
  const hexOf = (text: string): string => Buffer.from(addressOctets(text)).toString('hex')
  assert.equal(hexOf('192.0.2.1'), 'c0000201')
  assert.equal(hexOf('::'), '0'.repeat(32))
  assert.equal(hexOf('2001:db8::1'), `20010db8${'0'.repeat(23)}1`)
  assert.equal(hexOf('::ffff:192.0.2.1'), '00000000000000000000ffffc0000201')
})

test('a CertificationRequestInfo of any content can be signed', () => {
  const { keys } = buildRequest()
  assert.equal(signedRequest(bytes(5, 0), keys)[0], tag.sequence)
  assert.throws(() => new X509Certificate(signedRequest(bytes(5, 0), keys)))
})

import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 requires it
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { writeCertificate } from './certificate-writer.ts'
import { integer, oid, time, toDer } from './write.ts'

const day = 24 * 60 * 60 * 1000
const notBefore = new Date('2026-11-24T08:00:00Z')
const authorityKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const serverKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const names = ['webhook.system.svc', '127.0.0.1', '::1']

const authorityPem = writeCertificate(
  {
    subject: 'test CA',
    issuer: 'test CA',
    notBefore,
    notAfter: new Date(notBefore.getTime() + 5 * 365 * day),
    publicKey: authorityKeys.publicKey,
    role: { kind: 'authority' },
  },
  authorityKeys.privateKey,
)
const serverPem = writeCertificate(
  {
    subject: 'webhook',
    issuer: 'test CA',
    notBefore,
    notAfter: new Date(notBefore.getTime() + 90 * day),
    publicKey: serverKeys.publicKey,
    role: { kind: 'server', names },
  },
  authorityKeys.privateKey,
)

test('a server certificate chains to its CA and is valid for its names only', () => {
  const authority = new X509Certificate(authorityPem)
  const server = new X509Certificate(serverPem)
  assert.ok(authority.ca)
  assert.ok(authority.verify(authorityKeys.publicKey))
  assert.ok(!server.ca)
  assert.ok(server.checkIssued(authority))
  assert.ok(server.verify(authority.publicKey))
  assert.equal(server.checkHost('webhook.system.svc', { subject: 'never' }), 'webhook.system.svc')
  assert.equal(server.checkHost('other.system.svc', { subject: 'never' }), undefined)
  assert.equal(server.checkHost('webhook', { subject: 'never' }), undefined)
  assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1')
  assert.equal(server.checkIP('127.0.0.2'), undefined)
  assert.equal(
    server.subjectAltName,
    'DNS:webhook.system.svc, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  )
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.equal(server.validFromDate.toISOString(), '2026-11-24T08:00:00.000Z')
  assert.equal(server.validToDate.toISOString(), '2027-02-22T08:00:00.000Z')
})

test('another X.509 library reads the extensions that RFC 5280 requires', () => {
  const authority = new x509.X509Certificate(authorityPem)
  const server = new x509.X509Certificate(serverPem)
  assert.partialDeepStrictEqual(authority.getExtension(x509.BasicConstraintsExtension), {
    critical: true,
    ca: true,
    pathLength: 0,
  })
  assert.partialDeepStrictEqual(server.getExtension(x509.BasicConstraintsExtension), {
    critical: true,
    ca: false,
  })
  assert.partialDeepStrictEqual(authority.getExtension(x509.KeyUsagesExtension), {
    critical: true,
    usages: x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
  })
  assert.partialDeepStrictEqual(server.getExtension(x509.KeyUsagesExtension), {
    critical: true,
    usages: x509.KeyUsageFlags.digitalSignature,
  })
  const keyId = authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId
  assert.match(keyId ?? '', /^[0-9a-f]{40}$/)
  assert.equal(server.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId, keyId)
})

test('times are UTCTime until 2049 and GeneralizedTime from 2050', () => {
  const text = (at: string): string => toDer(time(new Date(at))).toString('latin1')
  assert.equal(text('2049-12-31T23:59:59.999Z'), '\x17\x0d491231235959Z')
  assert.equal(text('2050-01-01T00:00:00Z'), '\x18\x0f20500101000000Z')
})

test('integers are minimal and positive, object identifiers are in base 128', () => {
  const hex = (written: Parameters<typeof toDer>[0]): string => toDer(written).toString('hex')
  assert.equal(hex(integer(Uint8Array.of(0, 0, 0x7f))), '02017f')
  assert.equal(hex(integer(Uint8Array.of(0x80))), '02020080')
  assert.equal(hex(integer(Uint8Array.of(0, 0))), '020100')
  assert.equal(hex(oid('1.2.840.10045.4.3.2')), '06082a8648ce3d040302')
  assert.equal(hex(oid('2.5.29.17')), '0603551d11')
})

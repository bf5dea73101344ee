import assert from 'node:assert/strict'
import test from 'node:test'
import { ServerCertificates } from './server-certificate.ts'

test('the last sixteen server certificates are kept, each for a day after it was last seen', () => {
  const certificates = new ServerCertificates()
  for (let server = 0; server < 20; server += 1) {
    certificates.saw({ fingerprint256: String(server), subjectaltname: `DNS:s${server}` }, 0)
  }
  assert.deepEqual(
    certificates.names().names,
    Array.from({ length: 16 }, (_, index) => `s${index + 4}`),
  )
  certificates.saw({ fingerprint256: '19', subjectaltname: 'DNS:s19' }, 80_000_000)
  certificates.saw({ fingerprint256: 'new', subjectaltname: 'DNS:new' }, 90_000_000)
  assert.deepEqual(certificates.names().names, ['s19', 'new'])
})

test('the CAs above each certificate are kept, once each, whatever a chain looks like', () => {
  const certificates = new ServerCertificates()
  const root: Shown = { fingerprint256: 'r', subjectaltname: '', raw: Buffer.from('root') }
  root.issuerCertificate = root
  const middle = {
    fingerprint256: 'm',
    subjectaltname: '',
    raw: Buffer.from('middle'),
    issuerCertificate: root,
  }
  certificates.saw(shown({ fingerprint256: '1', subjectaltname: 'DNS:a', issuerCertificate: middle }), 0)
  assert.deepEqual(certificates.issuers().map(String), ['middle', 'root'])
  assert.equal(certificates.issuers(), certificates.issuers())
  certificates.saw(shown({ fingerprint256: 'r', subjectaltname: 'DNS:a', issuerCertificate: root }), 0)
  assert.deepEqual(certificates.issuers().map(String), ['middle', 'root'])
  let endless: Shown = root
  for (let length = 0; length < 100; length += 1)
    endless = {
      fingerprint256: `e${length}`,
      subjectaltname: '',
      raw: Buffer.from('e'),
      issuerCertificate: endless,
    }
  const many = new ServerCertificates()
  many.saw(shown(endless), 0)
  assert.equal(many.issuers().length, 8)
})

interface Shown {
  fingerprint256: string
  subjectaltname: string
  raw?: Buffer
  issuerCertificate?: Shown
}

/** What node:tls shows of a certificate, reduced to what is read. */
function shown(certificate: Shown): Parameters<ServerCertificates['saw']>[0] {
  return Object(certificate)
}

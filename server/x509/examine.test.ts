import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  certificate,
  type CertificateShape,
  issuedText,
  signingCa,
} from '../../test/kit/requests/certificate.ts'
import { implicit, ascii } from '../../test/kit/requests/der.ts'
import { freshKeys } from '../../test/kit/requests/keys.ts'
import { buildRequest } from '../../test/kit/requests/request.ts'
import type { CsrObject } from '../../policies/types.ts'
import { readUnverified } from '../pkcs10/request.ts'
import { createExamine } from './examine.ts'
import { Issuers } from './issuers.ts'

const ca = signingCa()
const { request: asked, keys } = buildRequest()
const request = readUnverified(asked)
const NOT_AFTER = Date.UTC(2027, 10, 26)
/** kube-controller-manager backdates by 5 min. */
const NOT_BEFORE = NOT_AFTER - 24 * 3_600_000
const csr: CsrObject = {
  name: 'csr-1',
  uid: 'u-1',
  createdAt: NOT_BEFORE,
  deleting: false,
  finalizers: 0,
  ownerReferences: 0,
  signerName: 'kubernetes.io/kubelet-serving',
  usages: ['digital signature', 'server auth'],
  expirationSeconds: null,
  requester: { username: 'system:node:node-1', uid: '', groups: [], extra: {} },
  conditions: ['Approved'],
  issued: true,
}

interface Change extends Omit<CertificateShape, 'keys'> {
  readonly keys?: CertificateShape['keys']
  readonly csr?: Partial<CsrObject>
}

/** The certificate that an honest signer makes of the request, but for one change. */
function examined({ csr: changed, ...shape }: Change = {}, signer = ca) {
  const examine = createExamine(new Issuers(() => noAuthorities))
  const der = certificate({ keys, notBefore: NOT_BEFORE, notAfter: NOT_AFTER, ...shape }, signer)
  return examine(issuedText(der), { csr: { ...csr, ...changed }, request })
}

const noAuthorities = { trusted: [], chain: [] }

test('a certificate that is what was approved has no mismatch, and its end is kept', () => {
  assert.deepEqual(examined(), { notAfter: NOT_AFTER, mismatches: [] })
  const all = { dnsNames: ['a', 'b'], addresses: ['10.0.0.1', 'fd00::1'] }
  const examine = createExamine(new Issuers(() => noAuthorities))
  const built = buildRequest(all)
  const reversed = { dnsNames: ['b', 'a'], addresses: ['fd00::1', '10.0.0.1'] }
  const text = issuedText(certificate({ keys: built.keys, ...reversed }, ca), ca.der)
  assert.deepEqual(examine(text, { csr, request: readUnverified(built.request) }).mismatches, [])
})

/** What a signer may change, and what is said of it. */
const changes: readonly (readonly [field: string, change: Change, detail: string])[] = [
  ['publicKey', { keys: freshKeys('P-256') }, 'it has another public key than the request'],
  [
    'subject',
    { commonName: 'system:node:node-2' },
    'its subject is "CN=system:node:node-2, O=system:nodes", the request\'s is "CN=system:node:node-1, O=system:nodes"',
  ],
  [
    'subject',
    { organizations: ['system:masters'] },
    'its subject is "CN=system:node:node-1, O=system:masters", the request\'s is "CN=system:node:node-1, O=system:nodes"',
  ],
  ['names', { dnsNames: ['node-1', 'kubernetes'] }, 'it is also for dNSName:kubernetes'],
  ['names', { addresses: [] }, 'it is not for iPAddress:10.0.0.1'],
  [
    'names',
    { dnsNames: ['node-1', '10.0.0.1'], addresses: [] },
    'it is also for dNSName:10.0.0.1, and not for iPAddress:10.0.0.1',
  ],
  [
    'names',
    { otherNames: [implicit(6, ascii('spiffe://x/y'))] },
    'it is also for uniformResourceIdentifier:spiffe://x/y',
  ],
  [
    'usages',
    { extendedKeyUsages: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'] },
    'its extended key usages are 1.3.6.1.5.5.7.3.1, 1.3.6.1.5.5.7.3.2, not only 1.3.6.1.5.5.7.3.1 (server auth)',
  ],
  [
    'usages',
    { extendedKeyUsages: [] },
    'its extended key usages are (none), not only 1.3.6.1.5.5.7.3.1 (server auth)',
  ],
  ['usages', { keyUsage: 0xa0 }, 'its key usage has the bits 10100000, more than 10000000 of the CSR'],
  ['usages', { keyUsage: null }, 'it has no key usage, so that it may be used for anything'],
  [
    'usages',
    { keyUsage: 0x20, csr: { usages: ['key encipherment', 'digital signature', 'server auth'] } },
    'its key usage has no digital signature',
  ],
  ['authority', { isAuthority: true }, 'it is the certificate of a CA'],
  [
    'lifetime',
    { csr: { expirationSeconds: 3_600 } },
    'it is valid for 86400 s, from 2027-11-25 00:00:00 UTC, not for 3600 s',
  ],
  [
    'lifetime',
    { csr: { expirationSeconds: 172_800 } },
    'it is valid for 86400 s, from 2027-11-25 00:00:00 UTC, not for 172800 s',
  ],
  [
    'lifetime',
    { notAfter: NOT_BEFORE + 300_000 },
    'it is valid for 300 s, from 2027-11-25 00:00:00 UTC, not for at least 600 s',
  ],
]

for (const [field, change, detail] of changes)
  test(`a signer that changes the ${field} is told: ${detail}`, () => {
    assert.deepEqual(examined(change).mismatches, [{ field, detail }])
  })

test('a backdated beginning, key encipherment that was asked for, and a far end are no mismatch', () => {
  const shorter = { expirationSeconds: 24 * 3_600 - 300 }
  const usages = [...csr.usages, 'key encipherment']
  for (const change of [
    { csr: shorter },
    { csr: { usages }, keyUsage: 0xa0 },
    { csr: { usages } },
    { notAfter: Date.UTC(2060, 0, 1) },
  ])
    assert.deepEqual(examined(change).mismatches, [], JSON.stringify(change))
})

test('a signer that uses another CA is told once, with the names of both', () => {
  const [issuers, other] = [new Issuers(() => noAuthorities), signingCa('other')]
  const examine = createExamine(issuers)
  const by = (signer: typeof ca) =>
    examine(issuedText(certificate({ keys }, signer)), { csr, request }).mismatches
  const id = (signer: typeof ca) => Buffer.from(signer.keyId).toString('hex')
  assert.deepEqual([by(ca), by(ca)], [[], []])
  const detail = `it is signed by "CN=other" (key ${id(other)}), others were by "CN=kubernetes" (key ${id(ca)})`
  assert.deepEqual([by(other), by(other)], [[{ field: 'issuer', detail }], []])
  const namesake = signingCa()
  assert.equal(by(namesake)[0]?.field, 'issuer')
})

test('a certificate that cannot be read is told, whatever it is', () => {
  const examine = createExamine(new Issuers(() => noAuthorities))
  const der = certificate({ keys }, ca)
  const said = (text: string) => examine(text, { csr, request })
  const notPem = {
    notAfter: 0,
    mismatches: [{ field: 'encoding', detail: 'it is not PEM of at most 64 KiB' }],
  }
  for (const text of ['', 'TFMw', '!', issuedText(der.slice(0, 0)), 'A'.repeat(90_000)])
    assert.deepEqual(said(text), notPem, text.slice(0, 40))
  for (let at = 0; at < der.length - 1; at += 1) {
    const { notAfter, mismatches } = said(issuedText(der.subarray(0, at + 1).with(at, 0xff)))
    assert.equal(notAfter, 0)
    assert.match(mismatches[0]?.detail ?? '', /^it cannot be read: [\x20-\x7e]+$/u, String(at))
  }
})

test('a request that another approver approved and that cannot be read is a mismatch', () => {
  const examine = createExamine(new Issuers(() => noAuthorities))
  const { mismatches } = examine(issuedText(certificate({ keys }, ca)), {
    csr,
    request: readUnverified('AAAA'),
  })
  assert.equal(mismatches[0]?.field, 'encoding')
  assert.match(mismatches[0].detail, /^the approved request cannot be read: /u)
})

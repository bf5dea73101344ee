import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { certificate, signingCa } from '../../test/kit/requests/certificate.ts'
import { freshKeys } from '../../test/kit/requests/keys.ts'
import type { Authorities } from '../ports.ts'
import { SigningCa } from './signing-ca.ts'

const [cluster, own] = [signingCa('kubernetes'), signingCa('kubelet-serving')]
const keys = freshKeys('P-256')
const derOf = (...cas: readonly (typeof cluster)[]) => cas.map(({ der }) => Buffer.from(der))

/** Knows a certificate of each signer, an hour apart. */
function known(authorities: () => Authorities, ...signers: readonly (typeof cluster)[]): SigningCa {
  const signingCaOf = new SigningCa(authorities)
  for (const [hour, signer] of signers.entries())
    signingCaOf.note(new X509Certificate(certificate({ keys, notBefore: hour * 3_600_000 }, signer)))
  return signingCaOf
}

const sharedCa = (authorities: Authorities, ...signers: readonly (typeof cluster)[]) =>
  known(() => authorities, ...signers).sharedCa()

test('a CA that we are told to trust for the API server is shared', () => {
  assert.equal(sharedCa({ trusted: derOf(own, cluster), chain: [] }, cluster), 'true')
})

test('a CA in the chain of the API server’s own certificate is shared', () => {
  assert.equal(sharedCa({ trusted: null, chain: derOf(cluster) }, cluster), 'true')
})

test('a CA that verifies no API server is not shared', () => {
  assert.equal(sharedCa({ trusted: derOf(cluster), chain: derOf(cluster) }, own), 'false')
})

test('a CA of the same name with another key is another', () => {
  assert.equal(sharedCa({ trusted: derOf(cluster), chain: [] }, signingCa('kubernetes')), 'false')
})

test('it is unknown until a certificate was issued, and where the CAs of the system are trusted', () => {
  assert.equal(sharedCa({ trusted: derOf(cluster), chain: [] }), 'unknown')
  assert.equal(sharedCa({ trusted: null, chain: [] }, own), 'unknown')
  assert.equal(sharedCa({ trusted: [Buffer.from('no certificate')], chain: [] }, own), 'false')
})

test('while a CA is replaced, the newest certificate counts', () => {
  const authorities = { trusted: derOf(cluster), chain: [] }
  assert.equal(sharedCa(authorities, cluster, own), 'false')
  assert.equal(sharedCa(authorities, own, cluster, cluster), 'true')
})

test('what is trusted may change', () => {
  let authorities: Authorities = { trusted: derOf(cluster), chain: [] }
  const signing = known(() => authorities, own)
  assert.equal(signing.sharedCa(), 'false')
  authorities = { trusted: derOf(cluster, own), chain: [] }
  assert.equal(signing.sharedCa(), 'true')
})

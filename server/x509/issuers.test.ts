import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificate, signingCa } from '../../test/kit/requests/certificate.ts'
import { freshKeys } from '../../test/kit/requests/keys.ts'
import { isFault } from '../der/faults.ts'
import type { Authorities } from '../ports.ts'
import { readCertificate } from './certificate.ts'
import { Issuers } from './issuers.ts'

const [cluster, own] = [signingCa('kubernetes'), signingCa('kubelet-serving')]
const keys = freshKeys('P-256')
const derOf = (...cas: readonly (typeof cluster)[]) => cas.map(({ der }) => Buffer.from(der))

function issuersOf(authorities: Authorities, ...signers: readonly (typeof cluster)[]): Issuers {
  const issuers = new Issuers(() => authorities)
  for (const [hour, signer] of signers.entries()) {
    const der = certificate({ keys, notBefore: hour * 3_600_000 }, signer)
    const read = readCertificate(der)
    assert.ok(!isFault(read))
    issuers.note(read, der)
  }
  return issuers
}

test('a CA that we are told to trust for the API server is shared', () => {
  const trusted = { trusted: derOf(own, cluster), chain: [] }
  assert.equal(issuersOf(trusted, cluster).sharedCa(), 'true')
})

test('a CA in the chain of the API server’s own certificate is shared', () => {
  assert.equal(issuersOf({ trusted: null, chain: derOf(cluster) }, cluster).sharedCa(), 'true')
})

test('a CA that verifies no API server is not shared', () => {
  const authorities = { trusted: derOf(cluster), chain: derOf(cluster) }
  assert.equal(issuersOf(authorities, own).sharedCa(), 'false')
})

test('a CA of the same name with another key is another', () => {
  assert.equal(issuersOf({ trusted: derOf(cluster), chain: [] }, signingCa('kubernetes')).sharedCa(), 'false')
})

test('it is unknown until a certificate was issued, and where the CAs of the system are trusted', () => {
  assert.equal(issuersOf({ trusted: derOf(cluster), chain: [] }).sharedCa(), 'unknown')
  assert.equal(issuersOf({ trusted: null, chain: [] }, own).sharedCa(), 'unknown')
  assert.equal(issuersOf({ trusted: [Buffer.from('no certificate')], chain: [] }, own).sharedCa(), 'false')
})

test('while a CA is replaced, the newest certificate counts', () => {
  const authorities = { trusted: derOf(cluster), chain: [] }
  assert.equal(issuersOf(authorities, cluster, own).sharedCa(), 'false')
  assert.equal(issuersOf(authorities, own, cluster, cluster).sharedCa(), 'true')
})

test('what is trusted may change', () => {
  let authorities: Authorities = { trusted: derOf(cluster), chain: [] }
  const issuers = new Issuers(() => authorities)
  const der = certificate({ keys }, own)
  const read = readCertificate(der)
  assert.ok(!isFault(read))
  issuers.note(read, der)
  assert.equal(issuers.sharedCa(), 'false')
  authorities = { trusted: derOf(cluster, own), chain: [] }
  assert.equal(issuers.sharedCa(), 'true')
})

test('whatever is signed by a seventeenth CA is told each time, so that the list stays short', () => {
  const issuers = new Issuers(() => ({ trusted: [], chain: [] }))
  const signers = Array.from({ length: 17 }, (_, index) => signingCa(`ca-${index}`))
  const noteBy = (signer: typeof own): string | null => {
    const der = certificate({ keys }, signer)
    const read = readCertificate(der)
    assert.ok(!isFault(read))
    return issuers.note(read, der)
  }
  const [first, ...others] = signers.map(noteBy)
  assert.equal(first, null)
  for (const told of others) assert.match(told ?? '', /^it is signed by "CN=ca-\d+"/u)
  const last = signers.at(-1)
  assert.ok(last !== undefined)
  assert.match(noteBy(last) ?? '', /^it is signed by "CN=ca-16"/u)
  assert.equal(noteBy(signers[15] ?? last), null)
})

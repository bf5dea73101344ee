// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 wants this polyfill before it loads
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { createAuthority } from '../../kit/pki.ts'
import { foreignIn } from './foreign.ts'
import { hostsFile } from './owners.ts'

const authority = await createAuthority('test')

/** What is foreign in a certificate of a node's own identity for these names and addresses. */
async function foreign(node: string, names: readonly string[], addresses: readonly string[]) {
  const user = `system:node:${node}`
  const holder = { commonName: user, organizations: ['system:nodes'], names, addresses }
  return foreignIn((await authority.issue(holder)).certPem, user)
}

test('what a node is and reports truly is its own, in any spelling', async () => {
  assert.deepEqual(await foreign('node-1', ['node-1', 'NODE-1.', '10.0.0.1'], ['10.0.0.1']), [])
  assert.deepEqual(await foreign('six-1', ['six-1'], ['2001:DB8:0::12']), [])
  assert.deepEqual(await foreign('control-plane-1', ['control-plane-1'], ['192.0.2.10']), [])
})

test('a name or address that only our policy forbids is its node’s own', async () => {
  assert.deepEqual(await foreign('liar-10', ['liar-10'], ['198.51.100.10']), [])
  assert.deepEqual(await foreign('liar-11', ['liar-11.example.net'], []), [])
})

test('another’s name or address is foreign, whoever reports it', async () => {
  assert.deepEqual(await foreign('node-1', ['node-1', 'victim-1'], []), ['DNS:victim-1'])
  assert.deepEqual(await foreign('newer-thief-1', [], ['10.0.4.1', '203.0.113.26']), ['IP:203.0.113.26'])
  assert.deepEqual(await foreign('older-thief-3', ['victim-1.example.com'], []), ['DNS:victim-1.example.com'])
})

test('what is the cluster’s, nobody’s or unknown is foreign', async () => {
  assert.deepEqual(await foreign('liar-6', ['kubernetes.default.svc'], []), ['DNS:kubernetes.default.svc'])
  assert.deepEqual(await foreign('liar-2', [], ['10.96.0.1']), ['IP:10.96.0.1'])
  assert.deepEqual(await foreign('liar-4', [], ['127.0.0.1']), ['IP:127.0.0.1'])
  assert.deepEqual(await foreign('node-1', ['node-1.example.com'], ['10.0.0.250']), [
    'DNS:node-1.example.com',
    'IP:10.0.0.250',
  ])
})

test('what two unproven nodes report is the first one’s alone', async () => {
  assert.deepEqual(await foreign('twin-1', [], ['10.0.2.22']), [])
  assert.deepEqual(await foreign('twin-2', [], ['10.0.2.22']), ['IP:10.0.2.22'])
})

test('a removed node’s name is still its own, the address that it no longer reports is not', async () => {
  assert.deepEqual(await foreign('removed-1', ['removed-1'], ['10.0.0.1']), ['IP:10.0.0.1'])
})

test('another identity, another organization and another usage are foreign', async () => {
  const holder = { commonName: 'system:node:victim-1', organizations: ['system:masters'] }
  const { certPem } = await authority.issue(holder)
  assert.deepEqual(foreignIn(certPem, 'system:node:node-1'), [
    'CN:system:node:victim-1',
    'O:system:masters',
    'EKU:1.3.6.1.5.5.7.3.2',
  ])
})

test('what nobody reads in a subject is not counted', async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const name = 'CN=system:node:node-1, O=system:nodes, OU=admins'
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: algorithm,
  })
  assert.deepEqual(foreignIn(certificate.toString('pem'), 'system:node:node-1'), [])
})

test('for a user that is no node, everything in a node’s certificate is foreign', async () => {
  const { certPem } = await authority.issue({ commonName: 'system:node:node-1', names: ['node-1'] })
  assert.deepEqual(foreignIn(certPem, 'alice'), ['CN:system:node:node-1', 'DNS:node-1'])
})

test('names resolve to the addresses of the node that truly has them', () => {
  const lines = hostsFile().split('\n')
  const addressesOf = (name: string) =>
    lines.filter((line) => line.endsWith(` ${name}`)).map((line) => line.split(' ')[0])
  assert.deepEqual(addressesOf('victim-1.example.com'), ['203.0.113.26'])
  assert.deepEqual(addressesOf('dual-1'), ['203.0.113.11', '2001:db8::11'])
  assert.deepEqual(addressesOf('newer-thief-1'), ['10.0.4.1'])
  assert.deepEqual(addressesOf('liar-2'), [])
})

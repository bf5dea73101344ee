import assert from 'node:assert/strict'
import { test } from 'node:test'
import { issueAuthority, issueLeaf } from './authority.ts'
import { proveHandshake } from './handshake.ts'

const now = Date.now()
const authority = issueAuthority(now)
const other = issueAuthority(now)
const leaf = issueLeaf(authority, ['webhook.system.svc', '127.0.0.1', '::1'], now)

test('a certificate is proven for each of its names, by a bundle that holds its CA among others', async () => {
  const bundle = other.certificate + authority.certificate
  for (const name of ['webhook.system.svc', '127.0.0.1', '::1'])
    assert.equal(await proveHandshake(leaf, bundle, name), null)
})

test('a certificate is not proven for another name', async () => {
  const fault = await proveHandshake(leaf, authority.certificate, 'webhook.other.svc')
  assert.match(String(fault), /webhook\.other\.svc\. is not in the cert's altnames/)
  const address = await proveHandshake(leaf, authority.certificate, '127.0.0.2')
  assert.match(String(address), /127\.0\.0\.2 is not in the cert's list/)
})

test('a certificate is not proven by a bundle without its CA, nor by an empty one', async () => {
  assert.match(String(await proveHandshake(leaf, other.certificate, '127.0.0.1')), /unable to verify/)
  assert.match(String(await proveHandshake(leaf, '', '127.0.0.1')), /unable to verify|unable to get/)
})

test('an expired certificate is not proven', async () => {
  const minute = 60 * 1000
  const expired = issueLeaf(authority, ['127.0.0.1'], now - 2 * minute, { authority: minute, leaf: minute })
  assert.match(String(await proveHandshake(expired, authority.certificate, '127.0.0.1')), /expired/)
})

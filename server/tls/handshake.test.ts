import assert from 'node:assert/strict'
import { test } from 'node:test'
import { issueAuthority, issueLeaf } from './authority.ts'
import { proveHandshake } from './handshake.ts'

const now = Date.now()
const authority = issueAuthority(now)
const other = issueAuthority(now)
const leaf = issueLeaf(authority, ['webhook.system.svc', '127.0.0.1', '::1'], now)

test('a handshake succeeds for each name of the certificate, with a bundle that includes its CA', async () => {
  const bundle = other.certificate + authority.certificate
  for (const name of ['webhook.system.svc', '127.0.0.1', '::1'])
    assert.equal(await proveHandshake(leaf, bundle, name), null)
})

test('a handshake fails for another name', async () => {
  const fault = await proveHandshake(leaf, authority.certificate, 'webhook.other.svc')
  assert.match(String(fault), /webhook\.other\.svc\. is not in the cert's altnames/)
  const address = await proveHandshake(leaf, authority.certificate, '127.0.0.2')
  assert.match(String(address), /127\.0\.0\.2 is not in the cert's list/)
})

test('a handshake fails with a bundle without the CA, and with an empty one', async () => {
  assert.match(String(await proveHandshake(leaf, other.certificate, '127.0.0.1')), /unable to verify/)
  assert.match(String(await proveHandshake(leaf, '', '127.0.0.1')), /unable to verify|unable to get/)
})

test('a handshake fails with an expired certificate', async () => {
  const minute = 60 * 1000
  const expired = issueLeaf(authority, ['127.0.0.1'], now - 2 * minute, { authority: minute, leaf: minute })
  assert.match(String(await proveHandshake(expired, authority.certificate, '127.0.0.1')), /expired/)
})

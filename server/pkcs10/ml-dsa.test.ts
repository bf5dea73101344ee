import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge, withRequest } from '../../policies/good-request.fixture.ts'
import { buildRequest } from '../../test/kit/requests/request.ts'
import { readUnverified } from './request.ts'

test('a kubelet’s request with an ML-DSA key is read, and refused by the name of the key', () => {
  for (const key of ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const) {
    const { request } = buildRequest({ key, commonName: 'system:node:worker-1', dnsNames: ['worker-1'] })
    const read = readUnverified(request)
    assert.ok(read.readable)
    const { verdict, message, findings } = judge(withRequest(read))
    assert.equal(verdict, 'deny')
    assert.equal(
      message,
      `KeyTooWeak: a key of type ${key} is not supported yet: the signer's Go cannot read it. Use RSA, P-256, P-384, P-521 or Ed25519`,
    )
    const others = findings.filter(({ outcome }) => outcome === 'violation').map(({ code }) => code)
    assert.deepEqual(others, ['KeyTooWeak'])
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredCsr } from './stored-csr.ts'
import { unissuedOf } from './unissued.ts'

const stored: StoredCsr = {
  name: 'csr-1',
  uid: 'u-1',
  username: 'system:node:n1',
  createdAt: 900_000,
  approvedAt: 940_000,
  claims: [],
  pending: null,
  failure: null,
  byUs: true,
  issued: null,
}

test('CSRs that this program approved and the signer has not issued are counted from their approval on', () => {
  const others: Partial<StoredCsr>[] = [
    { byUs: false },
    { issued: { notAfter: 1, mismatches: [] } },
    { failure: { reason: 'x', message: 'y' } },
  ]
  const csrs = [
    stored,
    { ...stored, approvedAt: 970_000 },
    ...others.map((change) => ({ ...stored, ...change })),
  ]
  assert.deepEqual(unissuedOf(csrs, 1_000_000), { count: 2, oldestSeconds: 60 })
  assert.deepEqual(unissuedOf(csrs.slice(2), 1_000_000), { count: 0, oldestSeconds: 0 })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resultOf } from './read-result.ts'
import { faultRules } from '../../server/der/faults.ts'
import { readRequest } from '../../server/pkcs10/request.ts'
import { requestOf } from './request.ts'
import { cases } from './suite.ts'

const byItself = cases.filter(({ expected }) => expected.at !== undefined)

test('each request that is wrong by itself is refused by its rule, at its octet, with its message', () => {
  assert.ok(byItself.length > 230, `only ${byItself.length}`)
  for (const one of byItself) {
    const { reason, fault = reason, at, message } = one.expected
    assert.deepEqual(resultOf(readRequest(requestOf(one))), { ok: false, fault, at, message }, one.id)
  }
})

test('every other request is one that a kubelet could send', () => {
  for (const one of cases) {
    if (one.expected.at === undefined) assert.equal(resultOf(readRequest(requestOf(one))).ok, true, one.id)
  }
})

test('every rule of the reader is broken by a request', () => {
  const broken = new Set(cases.map(({ expected }) => expected.fault))
  assert.deepEqual(
    Object.keys(faultRules).filter((code) => !broken.has(code)),
    [],
  )
})

test('a fault message contains no text from the requester', () => {
  for (const { id, expected } of byItself) {
    const { fault, message = '' } = expected
    if (fault === undefined) continue
    assert.match(message, /^[\x20-\x7e]{1,90}$/u, id)
    assert.doesNotMatch(message, /kubernetes|node-1|masters/u, id)
  }
})

test('there is a request for every known CVE of node-forge that concerns requests', () => {
  for (const cve of ['2025-12816', '2025-66030', '2025-66031', '2026-33891', '2026-33894', '2026-33895']) {
    assert.ok(
      byItself.some(({ source }) => source?.includes(`CVE-${cve}`)),
      cve,
    )
  }
})

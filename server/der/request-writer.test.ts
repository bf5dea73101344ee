import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addresses, commonNames, dnsNames, organizations } from '../../policies/request.ts'
import { readText } from '../pkcs10/request.ts'
import { writeRequest } from './request-writer.ts'

const content = {
  commonName: 'system:node:n1',
  organization: 'system:nodes',
  names: ['n1', '10.0.0.1', '::1'],
}

test('a request has the subject of a kubelet, the names and addresses, and a signature of its own key', () => {
  const read = readText(writeRequest(content))
  assert.ok(read.readable)
  assert.deepEqual([commonNames(read), organizations(read)], [['system:node:n1'], ['system:nodes']])
  assert.deepEqual([dnsNames(read), addresses(read).length], [['n1'], 2])
  assert.equal(read.signature.verified, true)
})

test('a request without an organization and names has neither', () => {
  const read = readText(writeRequest({ ...content, organization: null, names: [] }))
  assert.ok(read.readable)
  assert.deepEqual([organizations(read), read.sans], [[], []])
})

test('no two requests have the same key', () => {
  const [one, two] = [readText(writeRequest(content)), readText(writeRequest(content))]
  assert.ok(one.readable && two.readable)
  assert.notEqual(one.spkiSha256, two.spkiSha256)
})

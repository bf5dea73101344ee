import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../ports.ts'
import { issueAuthority, issueLeaf, readTrusted } from './authority.ts'
import { objectAt, encoded } from '../json.ts'
import type { Kept } from './rotation.ts'
import { readKept, ROTATE_ANNOTATION, writeKept } from './rotation-secret.ts'

const now = Date.parse('2026-11-24T08:00:00.000Z')
const authority = issueAuthority(now)
const leaf = issueLeaf(authority, ['webhook.system.svc', '127.0.0.1'], now)
const next = issueAuthority(now)
const before = readTrusted(issueAuthority(now).certificate)
const kept: Kept = {
  authority,
  leaf,
  next,
  previous: before === null ? [] : [before],
  requested: null,
}
const empty: JsonObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'webhook-tls', resourceVersion: '7', labels: { a: 'b' } },
  type: 'Opaque',
}
const nothing: Kept = { authority: null, leaf: null, next: null, previous: [], requested: null }
const full = writeKept(empty, kept)

/** The full Secret with one value changed. */
function withValue(key: string, text: string): JsonObject {
  return { ...full, data: { ...objectAt(full, 'data'), [key]: encoded(text) } }
}

test('the content of the Secret is read back as written', () => {
  const { previous, ...read } = readKept(full)
  assert.deepEqual(read, { authority, leaf, next, requested: null })
  assert.deepEqual(
    previous.map(({ id }) => id),
    [before?.id],
  )
})

test('writing changes only the data of the Secret', () => {
  const { data, ...rest } = full
  assert.deepEqual(rest, empty)
  assert.deepEqual(Object.keys(objectAt(data)).toSorted(), [
    'ca.crt',
    'ca.key',
    'next-ca.crt',
    'next-ca.key',
    'previous-ca.crt',
    'tls.crt',
    'tls.key',
  ])
})

test('an empty or malformed Secret has no content', () => {
  for (const secret of [
    empty,
    {},
    { data: null },
    { data: [] },
    { data: { 'ca.crt': 7 } },
    { metadata: 'x' },
  ])
    assert.deepEqual(readKept(secret), nothing)
})

test('an unreadable or mismatched pair reads as missing', () => {
  assert.equal(readKept(withValue('tls.crt', 'junk')).leaf, null)
  assert.equal(readKept(withValue('tls.key', next.key)).leaf, null)
  assert.equal(readKept(withValue('ca.key', next.key)).authority, null)
  assert.equal(readKept(withValue('ca.crt', leaf.certificate)).authority, null)
  assert.equal(readKept(withValue('tls.crt', 'x'.repeat(64 * 1024))).leaf, null)
  assert.deepEqual(readKept(withValue('previous-ca.crt', leaf.certificate)).previous, [])
})

test('a leaf of another CA has no issuer', () => {
  assert.equal(readKept(full).leaf?.issuer, authority.id)
  assert.equal(readKept({ ...full, ...withAuthority() }).leaf?.issuer, null)
})

function withAuthority(): JsonObject {
  return { data: objectAt(writeKept(empty, { ...kept, authority: issueAuthority(now) }), 'data') }
}

test('a rotation request is read from the annotation, and removed when it is done', () => {
  const asked = (value: string): JsonObject => ({
    ...full,
    metadata: { ...objectAt(empty, 'metadata'), annotations: { [ROTATE_ANNOTATION]: value, other: 'stays' } },
  })
  assert.equal(readKept(asked('ca')).requested, 'ca')
  assert.equal(readKept(asked('leaf')).requested, 'leaf')
  assert.equal(readKept(asked('everything')).requested, null)
  const annotations = (requested: Kept['requested']): JsonObject =>
    objectAt(writeKept(asked('ca'), { ...kept, requested }), 'metadata', 'annotations')
  assert.deepEqual(annotations(null), { other: 'stays' })
  assert.deepEqual(annotations('ca'), { [ROTATE_ANNOTATION]: 'ca', other: 'stays' })
})

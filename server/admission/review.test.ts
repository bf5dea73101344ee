import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readReview } from './review.ts'
import { goodReview } from './good-review.fixture.ts'

const uid = goodReview().request.uid

/** The good review with the value at a dotted path replaced; undefined removes it. */
function reviewWith(path: string, value: unknown): unknown {
  const review = goodReview()
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let target: Record<string, unknown> = review
  for (const key of keys) target = Object(target[key])
  if (value === undefined) delete target[last]
  else target[last] = value
  return review
}

test('the review of a real kubelet is read completely', () => {
  assert.deepEqual(readReview(goodReview()), {
    kind: 'csr',
    uid,
    dryRun: false,
    input: {
      purpose: 'admit',
      csr: {
        name: 'csr-mtznx',
        uid: '11111111-2222-3333-4444-555555555555',
        createdAt: Date.UTC(2026, 10, 24, 8),
        deleting: false,
        finalizers: 0,
        ownerReferences: 0,
        signerName: 'kubernetes.io/kubelet-serving',
        usages: ['digital signature', 'server auth'],
        expirationSeconds: null,
        requester: {
          username: 'system:node:n1',
          uid: '',
          groups: ['system:nodes', 'system:authenticated'],
          extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=0a'] },
        },
        conditions: [],
        issued: false,
      },
      caller: {
        username: 'system:node:n1',
        uid: '',
        groups: ['system:nodes', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=0a'] },
      },
      request: 'LS0t',
    },
  })
})

test('the input of a decision is frozen', () => {
  const review = readReview(goodReview())
  assert.equal(review.kind, 'csr')
  if (review.kind !== 'csr') return
  const { csr } = review.input
  for (const part of [
    review,
    review.input,
    csr,
    csr.usages,
    csr.requester,
    csr.requester.groups,
    csr.conditions,
  ]) {
    assert.ok(Object.isFrozen(part))
  }
})

test('dry run, lifetime, finalizers, owners, deletion and conditions are read', () => {
  const review = goodReview()
  Object.assign(review.request, { dryRun: true })
  Object.assign(review.request.object.metadata, {
    finalizers: ['a/b'],
    ownerReferences: [{}, {}],
    deletionTimestamp: '2026-11-24T08:00:01Z',
  })
  Object.assign(review.request.object.spec, { expirationSeconds: 600 })
  Object.assign(review.request.object.status, { conditions: [{ type: 'Denied' }], certificate: 'x' })
  const read = readReview(review)
  assert.ok(read.kind === 'csr')
  assert.equal(read.dryRun, true)
  const { finalizers, ownerReferences, deleting, expirationSeconds, conditions, issued } = read.input.csr
  assert.deepEqual(
    { finalizers, ownerReferences, deleting, expirationSeconds, conditions, issued },
    {
      finalizers: 1,
      ownerReferences: 2,
      deleting: true,
      expirationSeconds: 600,
      conditions: ['Denied'],
      issued: true,
    },
  )
})

test('a review without a usable uid cannot be answered', () => {
  const withoutUid = 'body.request.uid is not a string or is empty'
  const unprintable = 'body.request.uid is not 1 to 128 printable characters'
  const bodies: readonly [unknown, string][] = [
    [
      null,
      'body is not an object; body.request is not an object; body.request.uid is not a string or is empty',
    ],
    [
      [],
      'body is not an object; body.request is not an object; body.request.uid is not a string or is empty',
    ],
    [
      'text',
      'body is not an object; body.request is not an object; body.request.uid is not a string or is empty',
    ],
    [{}, 'body.request is not an object; body.request.uid is not a string or is empty'],
    [
      reviewWith('request', []),
      'body.request is not an object; body.request.uid is not a string or is empty',
    ],
    [reviewWith('request.uid', undefined), withoutUid],
    [reviewWith('request.uid', ''), withoutUid],
    [reviewWith('request.uid', 7), withoutUid],
    [reviewWith('request.uid', 'a\nb'), unprintable],
    [reviewWith('request.uid', 'x'.repeat(129)), unprintable],
  ]
  for (const [body, problem] of bodies)
    assert.deepEqual(readReview(body), { kind: 'unanswerable', status: 400, problem })
})

test('another resource, subresource or operation is not for us', () => {
  const others: readonly [string, unknown][] = [
    ['request.resource', { group: '', version: 'v1', resource: 'pods' }],
    ['request.resource.group', 'example.com'],
    ['request.operation', 'UPDATE'],
    ['request.operation', 'DELETE'],
    ['request.operation', 'CONNECT'],
    ['request.subResource', 'approval'],
    ['request.subResource', 'status'],
  ]
  for (const [path, value] of others)
    assert.deepEqual(readReview(reviewWith(path, value)), { kind: 'foreign', uid })
})

test('a CSR in another API version is refused, since its fields may mean something else', () => {
  const problem =
    'only certificatesigningrequests.v1.certificates.k8s.io is judged, not another version of it'
  assert.deepEqual(readReview(reviewWith('request.resource.version', 'v1beta1')), {
    kind: 'malformed',
    uid,
    problem,
  })
})

test('a review of a CSR with another shape is refused', () => {
  const notReview = 'the body is not an AdmissionReview of admission.k8s.io/v1'
  const notCsr = 'request.object is not a CertificateSigningRequest of certificates.k8s.io/v1'
  const broken: readonly [string, unknown, string][] = [
    ['apiVersion', 'admission.k8s.io/v1beta1', notReview],
    ['apiVersion', undefined, notReview],
    ['kind', 'Pod', notReview],
    ['request.operation', 'create', 'request.operation is none of CREATE, UPDATE, DELETE, CONNECT'],
    ['request.operation', 7, 'body.request.operation is not a string or is empty'],
    [
      'request.resource',
      undefined,
      'body.request.resource is not an object; body.request.resource.version is not a string or is empty',
    ],
    ['request.subResource', 7, 'body.request.subResource is not a string'],
    ['request.object', null, notCsr],
    ['request.object.kind', 'Pod', notCsr],
    ['request.object.apiVersion', 'certificates.k8s.io/v1beta1', notCsr],
    ['request.userInfo', undefined, 'body.request.userInfo is not an object'],
    ['request.userInfo.groups', ['a', 1], 'body.request.userInfo.groups is not a list of strings'],
    ['request.dryRun', 'yes', 'body.request.dryRun is not true or false'],
    [
      'request.object.metadata.uid',
      undefined,
      'body.request.object.metadata.uid is not a string or is empty',
    ],
    ['request.object.metadata.finalizers', {}, 'body.request.object.metadata.finalizers is not a list'],
    [
      'request.object.metadata.creationTimestamp',
      'soon',
      'body.request.object.metadata.creationTimestamp is not a time',
    ],
    ['request.object.spec.request', 7, 'body.request.object.spec.request is not a string or is empty'],
    ['request.object.spec.usages', 'server auth', 'body.request.object.spec.usages is not a list of strings'],
    [
      'request.object.spec.expirationSeconds',
      1.5,
      'body.request.object.spec.expirationSeconds is not a whole number',
    ],
    [
      'request.object.spec.extra',
      { a: 'b' },
      'body.request.object.spec.extra is not lists of strings by key',
    ],
    [
      'request.object.status.conditions',
      [7],
      'body.request.object.status.conditions[0] is not an object; body.request.object.status.conditions[0].type is not a string or is empty',
    ],
  ]
  for (const [path, value, problem] of broken) {
    assert.deepEqual(readReview(reviewWith(path, value)), { kind: 'malformed', uid, problem }, path)
  }
})

test('keys with a meaning in JavaScript, such as __proto__, have none for the webhook', () => {
  const text = JSON.stringify(goodReview())
  const hostile = text
    .replace('"spec":{', '"spec":{"__proto__":{"signerName":"x"},"constructor":{"prototype":{"a":1}},')
    .replace('"extra":{', '"extra":{"__proto__":["a"],')
  const review = readReview(JSON.parse(hostile))
  assert.ok(review.kind === 'csr')
  assert.equal(review.input.csr.signerName, 'kubernetes.io/kubelet-serving')
  assert.deepEqual(Object.keys(review.input.caller?.extra ?? {}), [
    '__proto__',
    'authentication.kubernetes.io/credential-id',
  ])
  const inherited = JSON.parse('{"__proto__":{"request":{"uid":"a"}}}')
  assert.equal(readReview(inherited).kind, 'unanswerable')
})

test('a list of a million wrong things is reported in a few lines', () => {
  const many = Array.from({ length: 1_000_000 }, () => 7)
  assert.deepEqual(readReview(reviewWith('request.object.status.conditions', many)), {
    kind: 'malformed',
    uid,
    problem: 'body.request.object.status.conditions is not a list of at most 100 objects',
  })
})

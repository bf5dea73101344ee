import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodReview, rulesIn } from './good-review.fixture.ts'
import { approving, good, post, startWebhook } from './webhook.fixture.ts'

const uid = goodReview().request.uid

/** The good review with a member that a requester might add, written so as to fill `bytes`. */
const padded = (bytes: number): string => {
  const padding = bytes - Buffer.byteLength(good) - Buffer.byteLength(',"padding":""')
  return `${good.slice(0, -1)},"padding":"${'x'.repeat(padding)}"}`
}

test('a review of 256 KiB is judged; one byte more is refused by its uid, which failurePolicy Ignore cannot undo', async () => {
  await using started = await startWebhook(approving)
  const largest = await post(started.port, padded(262_144))
  assert.deepEqual([largest.status, JSON.parse(largest.body).response.allowed], [200, true])
  const { status, body } = await post(started.port, padded(262_145))
  assert.equal(status, 200)
  assert.deepEqual(JSON.parse(body), {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: false,
      status: {
        code: 413,
        reason: 'ReviewTooLarge',
        message:
          "ReviewTooLarge: the AdmissionReview is 262145 bytes, more than 262144; a kubelet's has about 4 kB",
      },
    },
  })
  assert.equal(started.seen.reported.length, 1)
  assert.deepEqual(started.seen.logged, [
    {
      level: 'warn',
      fields: { reviewUid: uid, problem: 'the AdmissionReview is 262145 bytes, more than 262144' },
      message: 'a review is too large to be read',
    },
  ])
})

test('a review that would become too large is not parsed, and refused by its uid', async () => {
  await using started = await startWebhook(approving)
  for (const [member, because] of [
    [`[${'{},'.repeat(2_048)}{}]`, 'has more than 2048 elements'],
    [`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`, 'is nested more than 32 deep'],
  ]) {
    const { status, body } = await post(started.port, `${good.slice(0, -1)},"more":${member}}`)
    const { response } = JSON.parse(body)
    assert.deepEqual([status, response.uid, response.allowed], [200, uid, false])
    assert.equal(
      response.status.message,
      `ReviewTooLarge: the AdmissionReview ${because}; a kubelet's has about 4 kB`,
    )
  }
  assert.deepEqual(started.seen.reported, [])
})

test('outside enforce a review that is too large is allowed with a warning', async () => {
  await using started = await startWebhook(approving, { rules: () => rulesIn('dryRun') })
  const { response } = JSON.parse((await post(started.port, padded(300_000))).body)
  assert.equal(response.allowed, true)
  assert.deepEqual(response.warnings, [
    "ReviewTooLarge: the AdmissionReview is 300000 bytes, more than 262144; a kubelet's has about 4 kB",
    'kubelet-csr-gate: allowed in mode dryRun, which grants nothing',
  ])
})

test('nothing is kept of a body past 256 KiB, and what the API server can send is read to its end', async () => {
  await using started = await startWebhook(approving, { limits: { reviews: 8, bytes: 300_000 } })
  const { status, body } = await post(started.port, padded(7 * 1024 * 1024))
  assert.deepEqual([status, JSON.parse(body).response.status.reason], [200, 'ReviewTooLarge'])
  const endless = await post(started.port, padded(7 * 1024 * 1024 + 1))
  assert.deepEqual([endless.status, endless.headers['connection']], [413, 'close'])
  for (let round = 0; round < 20; round += 1) assert.equal((await post(started.port, good)).status, 200)
})

test('a body that is too large and no review gets an HTTP 413', async () => {
  await using started = await startWebhook(approving)
  for (const [body, title] of [
    [`[${'{},'.repeat(2_300_000)}{}]`, 'the AdmissionReview is 6900004 bytes, more than 262144'],
    [`[${'{},'.repeat(3_000)}{}]`, 'the AdmissionReview has more than 2048 elements'],
  ] as const) {
    const got = await post(started.port, body)
    assert.deepEqual([got.status, JSON.parse(got.body)], [413, { status: 413, title }])
  }
})

test('a review counts as what it becomes, not only as its bytes', async () => {
  await using started = await startWebhook(approving, { limits: { reviews: 8, bytes: 200_000 } })
  const many = `${good.slice(0, -1)},"more":[${'{},'.repeat(1_000)}{}]}`
  assert.ok(many.length < 5_000)
  for (let round = 0; round < 3; round += 1) {
    const { status, headers } = await post(started.port, many)
    assert.deepEqual([status, headers['retry-after']], [503, '1'])
  }
  for (let round = 0; round < 30; round += 1) assert.equal((await post(started.port, good)).status, 200)
})

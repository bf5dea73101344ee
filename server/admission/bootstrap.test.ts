import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideWithoutChecks } from '../../policies/evaluate.ts'
import type { AnswerParts } from './answer.ts'
import { answerAndReport, goodReview, partsFor, rulesIn } from './good-review.fixture.ts'
import { readReview } from './review.ts'

const HASH = '0123456789ab'
const exists = decideWithoutChecks('NodeExists', HASH, 'the Node cp-1 exists')
const CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet'

function clientReview(username = 'system:bootstrap:a1b2c3', group = 'system:bootstrappers'): object {
  const review = goodReview()
  const identity = { username, groups: [group, 'system:authenticated'] }
  Object.assign(review.request, { userInfo: identity })
  Object.assign(review.request.object.spec, { ...identity, signerName: CLIENT })
  return review
}

async function ask(change: Partial<AnswerParts>, review = clientReview()) {
  const { parts, seen } = partsFor(async () => assert.fail('judged as a kubelet-serving CSR'), change)
  const answered = await answerAndReport(readReview(review), 2_000, parts)
  assert.ok(answered.ok)
  return { ...answered.answer.response, seen }
}

test('a bootstrap token that asks for a Node that exists is refused, and told', async () => {
  const { allowed, status, seen } = await ask({ judgeBootstrap: () => exists })
  assert.deepEqual([allowed, status?.code, status?.reason], [false, 403, 'NodeExists'])
  assert.equal(status?.message, 'NodeExists: the Node cp-1 exists')
  const [{ component, action } = assert.fail()] = seen.reported
  assert.deepEqual([component, action], ['bootstrap-guard', 'refused'])
})

test('what is not known, and a bug, refuse too', async () => {
  const unknown = decideWithoutChecks('NodesUnknown', HASH)
  assert.equal((await ask({ judgeBootstrap: () => unknown })).allowed, false)
  const failing = await ask({
    judgeBootstrap: () => {
      throw new Error('bug')
    },
  })
  assert.deepEqual([failing.allowed, failing.status?.code], [false, 500])
  assert.deepEqual(failing.seen.counted, ['panicked'])
})

test('a new node is allowed, and the mode dryRun refuses nobody', async () => {
  assert.deepEqual((await ask({})).allowed, true)
  const { allowed, warnings } = await ask({ judgeBootstrap: () => exists, rules: () => rulesIn('dryRun') })
  assert.deepEqual(
    [allowed, warnings],
    [true, ['NodeExists: the Node cp-1 exists', 'kubelet-csr-gate: allowed past policy in mode dryRun']],
  )
})

test('a node that renews its client certificate is not judged', async () => {
  const judged = { judgeBootstrap: () => assert.fail('judged') }
  const review = readReview(clientReview('system:node:cp-1', 'system:nodes'))
  assert.equal(review.kind, 'csr')
  const ignored = decideWithoutChecks('OtherSigner', HASH)
  const { parts } = partsFor(async (input) => {
    const facts = { purpose: 'admit', now: 0, csr: input.csr, caller: null, cluster: null } as const
    const request = { readable: false, code: 'NotRead', at: 0, message: '' } as const
    return { decision: ignored, facts: { ...facts, request } }
  }, judged)
  const answered = await answerAndReport(review, 2_000, parts)
  assert.ok(answered.ok && answered.answer.response.allowed)
})

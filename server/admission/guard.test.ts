import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideWithoutChecks } from '../../policies/evaluate.ts'
import type { Decision } from '../../policies/types.ts'
import type { Judge } from '../ports.ts'
import type { AnswerParts } from './answer.ts'
import {
  answerAndReport,
  decisionOf,
  deciding,
  goodReview,
  partsFor,
  rulesIn,
} from './good-review.fixture.ts'
import { readReview } from './review.ts'

const approved = { type: 'Approved', status: 'True', reason: 'KubectlApprove' }
const HASH = '0123456789ab'
const hostile = decisionOf('deny', [
  { code: 'NameReserved', outcome: 'violation', detail: '"kubernetes" is reserved' },
])

/** What an API server sends when `admin` changes the conditions of a stored CSR. */
function approvalReview(
  conditions: readonly object[] = [approved],
  before: readonly object[] = [],
  groups: readonly string[] = ['system:masters'],
): object {
  const { request, ...envelope } = goodReview()
  const withConditions = (list: readonly object[]) => ({ ...request.object, status: { conditions: list } })
  const changed = { object: withConditions(conditions), oldObject: withConditions(before) }
  const userInfo = { username: 'admin', groups }
  return {
    ...envelope,
    request: { ...request, ...changed, userInfo, operation: 'UPDATE', subResource: 'approval' },
  }
}

async function ask(decision: Decision, change: Partial<AnswerParts> = {}, review = approvalReview()) {
  const { parts, seen } = partsFor(deciding(decision), change)
  const answered = await answerAndReport(readReview(review), 2_000, parts)
  assert.ok(answered.ok)
  return { ...answered.answer.response, seen }
}

test('an approval of what conforms is allowed, and is told with who approved', async () => {
  const { allowed, warnings, auditAnnotations, seen } = await ask(decisionOf('approve'))
  assert.deepEqual([allowed, warnings], [true, undefined])
  assert.deepEqual(auditAnnotations, { decision: 'approve', reason: 'Conforms', 'policy-hash': HASH })
  const [{ component, approver, action, csr } = assert.fail()] = seen.reported
  assert.deepEqual(
    [component, approver, action, csr.requester.username],
    ['guard', 'admin', 'allowed', 'system:node:n1'],
  )
})

test('an approval of anything else is refused, of what cannot be judged too', async () => {
  const timedOut = decideWithoutChecks('TimedOut', HASH)
  for (const [decision, code] of [
    [hostile, 403],
    [decisionOf('notYet', [{ code: 'NameNotOfNode', outcome: 'notYet', detail: 'x' }]), 403],
    [decisionOf('unknown', [{ code: 'NodeUnknown', outcome: 'unknown', detail: 'no answer' }]), 403],
    [timedOut, 403],
    [decideWithoutChecks('BeingDeleted', HASH), 403],
    [decideWithoutChecks('AlreadyDecided', HASH), 403],
    [decideWithoutChecks('InternalError', HASH), 500],
  ] as const) {
    const { allowed, status, seen } = await ask(decision)
    assert.deepEqual([allowed, status?.code, status?.reason], [false, code, decision.reason])
    assert.equal(seen.reported[0]?.action, 'refused')
    const isUnknown = decision.verdict === 'unknown'
    assert.equal(status?.message.endsWith('. What is not known is not allowed: try again'), isUnknown)
  }
})

test('a judgement that throws or hangs refuses the approval', async () => {
  const failing = await ask(hostile, { judge: () => Promise.reject(new Error('bug')) })
  assert.deepEqual([failing.allowed, failing.status?.reason], [false, 'InternalError'])
  const { parts } = partsFor(() => Promise.withResolvers<never>().promise)
  const answered = await answerAndReport(readReview(approvalReview()), 150, parts)
  assert.ok(answered.ok && !answered.answer.response.allowed)
})

test('a caller who may be anybody learns nothing of the cluster, and kubectl is told no time to wait', async () => {
  const decision = decisionOf('notYet', [
    { code: 'NameContested', outcome: 'notYet', detail: 'Node n2 has it', publicDetail: 'see the log' },
  ])
  const stranger = await ask({ ...decision, retryAfterMs: 60_000 }, { callerIsProven: false })
  assert.deepEqual([stranger.status?.code, stranger.status?.message], [403, 'NameContested: see the log'])
  assert.equal(stranger.seen.reported[0]?.decision.message, 'NameContested: Node n2 has it')
  assert.equal((await ask(decision)).status?.message, 'NameContested: Node n2 has it')
})

test('a CSR that is left to others may be approved by them', async () => {
  for (const reason of ['OtherSigner', 'ForeignRequester'] as const) {
    const { allowed, warnings } = await ask(decideWithoutChecks(reason, HASH))
    assert.deepEqual([allowed, warnings], [true, undefined])
  }
})

test('a member of a break-glass group approves all the same, with a warning and the reason in the audit log', async () => {
  const review = approvalReview([approved], [], ['system:authenticated', 'oncall'])
  const { allowed, warnings, auditAnnotations, seen } = await ask(
    hostile,
    { breakGlassGroups: ['other', 'oncall'] },
    review,
  )
  assert.equal(allowed, true)
  assert.deepEqual(warnings, [
    'NameReserved: "kubernetes" is reserved',
    'kubelet-csr-gate: approved past policy by a member of the group oncall',
  ])
  assert.deepEqual(auditAnnotations, {
    decision: 'deny',
    reason: 'NameReserved',
    'policy-hash': HASH,
    'break-glass': 'oncall',
  })
  assert.equal(seen.reported[0]?.action, 'warned')
  const outsider = await ask(hostile, { breakGlassGroups: ['oncall-2'] }, review)
  assert.equal(outsider.allowed, false)
})

test('only the mode enforce refuses an approval', async () => {
  for (const mode of ['dryRun', 'approveOnly'] as const) {
    const { allowed, warnings } = await ask(hostile, { rules: () => rulesIn(mode) })
    assert.equal(allowed, true)
    assert.deepEqual(warnings?.at(-1), `kubelet-csr-gate: allowed past policy in mode ${mode}`)
  }
})

test('what does not newly approve passes unjudged: a denial, other conditions, an approval that stands', async () => {
  const denied = { type: 'Denied', status: 'True' }
  for (const review of [
    approvalReview([denied]),
    approvalReview([{ type: 'Other', status: 'True' }]),
    approvalReview([]),
    approvalReview([approved], [approved]),
  ]) {
    const { allowed, seen } = await ask(hostile, { judge: () => assert.fail('judged') }, review)
    assert.deepEqual([allowed, seen.reported], [true, []])
  }
})

test('the CSR is judged as it is stored, to be approved by somebody else', async () => {
  const judged: unknown[] = []
  await ask(hostile, {
    judge: (input) => {
      judged.push([input.purpose, input.caller, input.csr.conditions])
      return deciding(hostile)(input)
    },
  })
  assert.deepEqual(judged, [['guard', null, []]])
})

test('a policy that changes while a CSR is judged changes nothing until the next one', async () => {
  for (const review of [approvalReview(), goodReview()]) {
    const modes = ['enforce', 'dryRun'] as const
    const asked: string[] = []
    const judge: Judge = async (input, { settings }) => {
      asked.push(settings.mode)
      return await deciding(hostile)(input)
    }
    const rules = () => rulesIn(modes[asked.length] ?? 'dryRun')
    const { parts } = partsFor(judge, { rules })
    const answered = await answerAndReport(readReview(review), 2_000, parts)
    assert.ok(answered.ok)
    assert.deepEqual([asked, answered.answer.response.allowed], [['enforce'], false])
  }
})

test('an approval review without a readable CSR is refused', async () => {
  const review = approvalReview()
  Object.assign(Object(review).request, { oldObject: null })
  const { allowed, status } = await ask(hostile, {}, review)
  assert.deepEqual([allowed, status?.code, status?.reason], [false, 400, 'MalformedReview'])
})

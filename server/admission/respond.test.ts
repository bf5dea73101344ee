import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideWithoutChecks } from '../../policies/evaluate.ts'
import { passBy, refuseMalformed, respond } from './respond.ts'
import { decisionOf, type Drafted, goodCsr } from './good-review.fixture.ts'

const violation: Drafted = {
  code: 'UsagesNotServing',
  field: 'spec.usages',
  outcome: 'violation',
  detail: 'usages are "client auth"',
}
const notYet: Drafted = {
  code: 'AddressNotOfNode',
  outcome: 'notYet',
  detail: '10.0.0.9 is not reported by node "n1"',
}
const missing: Drafted = {
  code: 'NodeUnknown',
  outcome: 'unknown',
  detail: 'the API server did not answer within 2 s',
}
const bug: Drafted = {
  code: 'KeyTooWeak',
  outcome: 'error',
  detail: 'the check itself failed: secret path /etc/x',
}
const passed: Drafted = { code: 'NameMalformed', outcome: 'pass', detail: '' }
const skipped: Drafted = {
  code: 'NameReserved',
  outcome: 'skipped',
  detail: 'settled before the cluster was asked',
}

const toApiServer = { mode: 'enforce', callerIsProven: true } as const

const auditOf = (decision: string, reason: string) => ({ decision, reason, 'policy-hash': '0123456789ab' })
const envelope = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }

test('a CSR that conforms is allowed', () => {
  assert.deepEqual(respond('u1', goodCsr(), decisionOf('approve', [passed]), toApiServer), {
    action: 'allowed',
    answer: {
      ...envelope,
      response: { uid: 'u1', allowed: true, auditAnnotations: auditOf('approve', 'Conforms') },
    },
  })
})

test('a violation is refused with the code first, and every failing finding as a cause', () => {
  const decision = decisionOf('deny', [passed, violation, notYet, skipped])
  assert.deepEqual(respond('u1', goodCsr(), decision, toApiServer), {
    action: 'refused',
    answer: {
      ...envelope,
      response: {
        uid: 'u1',
        allowed: false,
        status: {
          code: 403,
          reason: 'UsagesNotServing',
          message: 'UsagesNotServing: usages are "client auth"',
          details: {
            name: 'csr-mtznx',
            group: 'certificates.k8s.io',
            kind: 'certificatesigningrequests',
            causes: [
              { reason: 'UsagesNotServing', message: 'usages are "client auth"', field: 'spec.usages' },
              {
                reason: 'AddressNotOfNode',
                message: '10.0.0.9 is not reported by node "n1"',
                field: 'spec.request',
              },
            ],
          },
        },
        auditAnnotations: auditOf('deny', 'UsagesNotServing'),
      },
    },
  })
})

test('a CSR that does not fit the cluster yet is refused, so that nothing is stored and the kubelet asks again', () => {
  const { action, answer } = respond('u1', goodCsr(), decisionOf('notYet', [notYet]), toApiServer)
  assert.equal(action, 'refused')
  assert.equal(answer.response.status?.code, 403)
  assert.equal(answer.response.status?.reason, 'AddressNotOfNode')
})

test('a CSR that passes after a while is refused with that time, so that the same request is sent again', () => {
  const later: Drafted = { code: 'TooManyRequests', outcome: 'notYet', detail: 'wait', retryAfterMs: 41_001 }
  const { action, answer } = respond('u1', goodCsr(), decisionOf('notYet', [later]), toApiServer)
  const { code, reason, details } = answer.response.status ?? {}
  assert.deepEqual(
    [action, code, reason, details?.retryAfterSeconds],
    ['refused', 429, 'TooManyRequests', 42],
  )
  const { answer: other } = respond('u1', goodCsr(), decisionOf('notYet', [notYet]), toApiServer)
  assert.equal(other.response.status?.details?.retryAfterSeconds, undefined)
})

test('a CSR with unknown facts is allowed with a warning, since that grants nothing', () => {
  assert.deepEqual(respond('u1', goodCsr(), decisionOf('unknown', [missing]), toApiServer), {
    action: 'warned',
    answer: {
      ...envelope,
      response: {
        uid: 'u1',
        allowed: true,
        warnings: [
          'NodeUnknown: the API server did not answer within 2 s',
          'kubelet-csr-gate: allowed unjudged, which grants nothing',
        ],
        auditAnnotations: auditOf('unknown', 'NodeUnknown'),
      },
    },
  })
})

test('an internal error refuses, and reveals nothing of the program to the requester', () => {
  const { action, answer } = respond('u1', goodCsr(), decisionOf('error', [bug]), toApiServer)
  assert.equal(action, 'refused')
  assert.deepEqual(answer.response.status, {
    code: 500,
    reason: 'InternalError',
    message: 'InternalError: kubelet-csr-gate failed; its log has the cause',
  })
})

test('a caller who may be anybody gets the reason and what was asked, and nothing of the cluster', () => {
  const found: Drafted = { ...notYet, publicDetail: '10.0.0.9 is not an address of Node n1' }
  const decision = decisionOf('notYet', [found])
  const anonymous = { mode: 'enforce', callerIsProven: false } as const
  const { status } = respond('u1', goodCsr(), decision, anonymous).answer.response
  const detail = '10.0.0.9 is not an address of Node n1'
  assert.equal(status?.message, `AddressNotOfNode: ${detail}`)
  assert.deepEqual(status.details?.causes, [
    { reason: 'AddressNotOfNode', message: detail, field: 'spec.request' },
  ])
  const warned = respond('u1', goodCsr(), decision, { ...anonymous, mode: 'dryRun' }).answer.response
  assert.equal(warned.warnings?.[0], `AddressNotOfNode: ${detail}`)
  const proven = respond('u1', goodCsr(), decision, toApiServer).answer.response
  assert.equal(proven.status?.message, 'AddressNotOfNode: 10.0.0.9 is not reported by node "n1"')
  const late = decideWithoutChecks('TimedOut', '0123456789ab', 'no decision within 750 ms')
  const { warnings } = respond('u1', goodCsr(), late, anonymous).answer.response
  assert.equal(warnings?.[0], 'TimedOut: no decision within 750 ms')
})

test('only enforce refuses, and dryRun and approveOnly warn instead', () => {
  for (const mode of ['dryRun', 'approveOnly'] as const) {
    for (const [verdict, finding] of [
      ['deny', violation],
      ['notYet', notYet],
      ['error', bug],
    ] as const) {
      const { action, answer } = respond('u1', goodCsr(), decisionOf(verdict, [finding]), {
        ...toApiServer,
        mode,
      })
      assert.equal(action, 'warned')
      assert.equal(answer.response.allowed, true)
      assert.equal(answer.response.status, undefined)
      assert.equal(
        answer.response.warnings?.at(-1),
        `kubelet-csr-gate: allowed in mode ${mode}, which grants nothing`,
      )
    }
  }
})

test('a warning of an internal error reveals nothing of the program either', () => {
  const { answer } = respond('u1', goodCsr(), decisionOf('error', [bug]), { ...toApiServer, mode: 'dryRun' })
  assert.doesNotMatch(JSON.stringify(answer), /secret path/u)
})

test('a CSR that is not for us is allowed without a warning', () => {
  const ignored = decideWithoutChecks('OtherSigner', '0123456789ab')
  const { action, answer } = respond('u1', goodCsr(), ignored, toApiServer)
  assert.equal(action, 'allowed')
  assert.deepEqual(answer.response, {
    uid: 'u1',
    allowed: true,
    auditAnnotations: auditOf('ignore', 'OtherSigner'),
  })
})

test('no warning is empty, long, or holds a control character, and there are few of them', () => {
  const noisy: Drafted = { code: 'NodeUnknown', outcome: 'unknown', detail: `a\nb\x1b${'c'.repeat(400)}` }
  const many = Array.from({ length: 50 }, () => noisy)
  const { answer } = respond('u1', goodCsr(), decisionOf('unknown', many), toApiServer)
  const warnings = answer.response.warnings ?? []
  assert.equal(warnings.length, 8)
  for (const warning of warnings) assert.match(warning, /^[\x20-\x7e]{1,256}$/u)
  const bare = respond('u1', goodCsr(), { ...decisionOf('unknown'), message: 'TimedOut: late' }, toApiServer)
  assert.equal(bare.answer.response.warnings?.[0], 'TimedOut: late')
})

test('a name that a requester chose is escaped', () => {
  const csr = { ...goodCsr(), name: 'csr\x1b[2J' }
  const { answer } = respond('u1', csr, decisionOf('deny', [{ ...violation, detail: 'x\ny' }]), toApiServer)
  assert.equal(answer.response.status?.details?.name, 'csr\\u001b[2J')
  assert.equal(answer.response.status.details.causes[0]?.message, 'x\\u000ay')
})

test('a review that is not for us is allowed, and a malformed one is refused as a bad request', () => {
  assert.deepEqual(passBy('u1'), { ...envelope, response: { uid: 'u1', allowed: true } })
  assert.deepEqual(refuseMalformed('u1', 'request.operation is odd').response, {
    uid: 'u1',
    allowed: false,
    status: { code: 400, reason: 'MalformedReview', message: 'MalformedReview: request.operation is odd' },
  })
})

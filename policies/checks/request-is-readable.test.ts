import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { atWebhook, goodFacts, judge } from '../good-request.fixture.ts'
import { checks, checksOf } from '../index.ts'
import type { Facts, Fault } from '../types.ts'

const fault: Fault = { readable: false, code: 'NotDer', at: 17, message: 'DER has another octet here' }
const DETAIL = 'DER has another octet here (NotDer at byte 17)'

test('a request that cannot be read is denied with the exact fault, and no other check runs', () => {
  const facts: Facts = { ...goodFacts, request: fault, cluster: null }
  deepEqual(judge(facts), {
    verdict: 'deny',
    reason: 'CsrUnreadable',
    message: `CsrUnreadable: ${DETAIL}`,
    findings: [
      { code: 'CsrUnreadable', field: 'spec.request', outcome: 'violation', detail: DETAIL, at: 17 },
      ...checks.map(({ code, field = 'spec.request' }) => ({
        code,
        field,
        outcome: 'skipped',
        detail: 'not checked: the request cannot be read',
      })),
    ],
    awaited: true,
    policyHash: '0123456789ab',
  })
})

test('facts about the cluster do not change the decision on a request that cannot be read', () => {
  deepEqual(judge({ ...goodFacts, request: fault }), judge({ ...goodFacts, request: fault, cluster: null }))
})

test('of a CSR that is created only the checks for creation are listed as skipped', () => {
  const { findings } = judge({ ...atWebhook(), request: fault })
  deepEqual(
    findings.map(({ code }) => code),
    ['CsrUnreadable', ...checksOf('admit').map(({ code }) => code)],
  )
})

test('a request that can be read passes the check CsrUnreadable', () => {
  deepEqual(judge(goodFacts).findings[0], {
    code: 'CsrUnreadable',
    field: 'spec.request',
    outcome: 'pass',
    detail: '',
  })
})

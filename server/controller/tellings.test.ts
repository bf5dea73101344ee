import assert from 'node:assert/strict'
import test from 'node:test'
import { type CheckCode, checkCodes } from '../../policies/codes.ts'
import type { CsrObject, Decision } from '../../policies/types.ts'
import type { Action } from '../ports.ts'
import { Tellings } from './tellings.ts'

const csr: CsrObject = {
  name: 'csr-1',
  uid: 'first',
  createdAt: 0,
  deleting: false,
  finalizers: 0,
  ownerReferences: 0,
  signerName: 'kubernetes.io/kubelet-serving',
  usages: [],
  expirationSeconds: null,
  requester: { username: 'system:node:n1', uid: '', groups: [], extra: {} },
  conditions: [],
  issued: false,
}

function begin() {
  const told: string[] = []
  const tellings = new Tellings(({ decision, action }) => told.push(`${decision.reason} ${action}`))
  const tell = (reason: CheckCode, action: Action, changes: Partial<CsrObject> = {}): void => {
    const decision: Decision = {
      verdict: 'notYet',
      reason,
      message: '',
      findings: [],
      awaited: true,
      policyHash: '',
    }
    tellings.tell({ component: 'controller', csr: { ...csr, ...changes }, decision, action, durationMs: 1 })
  }
  return { told, tell, tellings }
}

test('a decision is told once, however often it is made', () => {
  const { told, tell } = begin()
  for (const reason of ['NodeUnknown', 'NodeUnknown', 'NameNotOfNode', 'NodeUnknown'] as const)
    tell(reason, 'left')
  tell('NodeUnknown', 'denied')
  assert.deepEqual(told, ['NodeUnknown left', 'NameNotOfNode left', 'NodeUnknown denied'])
})

test('a CSR made anew under the same name is told of anew', () => {
  const { told, tell } = begin()
  tell('NodeUnknown', 'left')
  tell('NodeUnknown', 'left', { uid: 'second' })
  assert.equal(told.length, 2)
})

test('what is told of one CSR is bounded', () => {
  const { told, tell } = begin()
  for (const action of ['left', 'approved', 'denied'] as const)
    for (const reason of checkCodes) tell(reason, action)
  assert.equal(told.length, 64)
})

test('a CSR that is gone is forgotten', () => {
  const { tell, tellings } = begin()
  tell('NodeUnknown', 'left')
  tellings.forget('csr-1')
  assert.deepEqual([...tellings.names()], [])
})

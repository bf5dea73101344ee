import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Passing } from '../faults/proxy.ts'
import type { Approval } from './history.ts'
import { promisesOf, type Seen } from './truth.ts'

const approval: Approval = {
  csr: 'csr-1',
  user: 'system:node:n1',
  revision: 5,
  createdAt: 1_000,
  at: 2_000,
  certificate: null,
}
const decision: Passing = {
  number: 0,
  method: 'PATCH',
  url: '/csr-1/approval?fieldManager=x',
  at: 2_000,
  status: 200,
}
const lease: Passing = { number: 0, method: 'PUT', url: '/leases/kubelet-csr-gate', at: 1_000, status: 200 }

const passedBy = (name: string, end: string | null, seen: readonly Passing[]) => ({
  name,
  door: { proxy: { seen } },
  service: { child: { ended: () => end } },
})
const passed = (name: string, ...seen: readonly Passing[]) => passedBy(name, null, seen)
const good: Seen = {
  asked: { served: [1], lost: [], hostile: new Set(), refused: 0 },
  history: { approvals: new Map([['u1', approval]]), reportedAt: () => ['n1'] },
  befell: [],
  replicas: [passed('controller-0', lease, decision), passed('controller-1')],
}

const brokenOf = (change: Partial<Seen>): number[] =>
  promisesOf({ ...good, ...change }).flatMap(({ isKept }, index) => (isKept ? [] : [index]))

test('a good run keeps every promise', () => assert.deepEqual(brokenOf({}), []))

test('each broken promise is found', () => {
  const { asked, history } = good
  assert.deepEqual(brokenOf({ asked: { ...asked, lost: ['host-1'] } }), [0])
  assert.deepEqual(brokenOf({ asked: { ...asked, hostile: new Set(['u1']) } }), [1])
  const twice = passed('controller-0', lease, decision, { ...decision, at: 2_100 })
  assert.deepEqual(brokenOf({ replicas: [twice] }), [3])
  const beside = [passed('controller-0', lease), passed('controller-1', decision)]
  assert.deepEqual(brokenOf({ replicas: beside }), [4])
  const late = new Map([['u1', { ...approval, at: 22_000 }]])
  assert.deepEqual(brokenOf({ history: { ...history, approvals: late } }), [6])
  const killed = passedBy('controller-0', 'SIGKILL', [lease, decision])
  assert.deepEqual(brokenOf({ replicas: [killed] }), [5])
})

test('a fault that befell while a CSR waited explains the wait up to its end', () => {
  const { history } = good
  const late = { ...history, approvals: new Map([['u1', { ...approval, at: 22_000 }]]) }
  const fault = { fault: 'x', target: 'cluster', from: 500, until: 10_000 }
  assert.deepEqual(brokenOf({ history: late, befell: [fault] }), [])
  assert.deepEqual(brokenOf({ history: late, befell: [{ ...fault, until: 1_500 }] }), [6])
})

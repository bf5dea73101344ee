import assert from 'node:assert/strict'
import test from 'node:test'
import { goodFacts, withCsr } from '../../policies/good-request.fixture.ts'
import type { Decision, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import type { Action } from '../ports.ts'
import { CsrTracker } from './csr-tracker.ts'
import { RECHECK_MS } from './plan.ts'

const { csr } = goodFacts
const another = withCsr({ uid: 'another' }).csr
const n1 = csr.requester.username.replace('system:node:', '')

const node = (name: string, changes: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  uid: `uid-${name}`,
  createdAt: 0,
  deleting: false,
  uninitialized: false,
  controlPlane: false,
  names: [name],
  addresses: [],
  ...changes,
})

const request: ParsedRequest = {
  readable: true,
  subject: [],
  attributes: [],
  extensions: [],
  sans: [
    { kind: 'dNSName', value: 'Web.Example', at: 0 },
    { kind: 'iPAddress', value: '0a000001', at: 0 },
  ],
  key: { type: 'Ed25519', bits: 256, at: 0 },
  signature: { algorithm: 'Ed25519', fitsKey: true, verified: true, at: 0 },
  spkiSha256: '',
}

function left(): CsrTracker {
  const memory = new CsrTracker(() => 0)
  memory.leave(csr, request)
  return memory
}

const decisionOf = (reason: Decision['reason']): Decision => ({
  verdict: 'notYet',
  reason,
  message: '',
  findings: [],
  policyHash: '',
  awaited: true,
})

test('when facts change, a waiting CSR is due again and a decided CSR is not', () => {
  const memory = new CsrTracker(() => 0)
  assert.ok(memory.isDue(csr))
  memory.wait(csr)
  assert.deepEqual([memory.isOpen(csr), memory.isDue(csr)], [true, false])
  memory.wake()
  assert.ok(memory.isDue(csr))
  memory.decide(csr)
  memory.wake()
  assert.deepEqual([memory.isOpen(csr), memory.isDue(csr)], [false, false])
})

test('a CSR that is recreated under the same name is not decided', () => {
  const memory = new CsrTracker(() => 0)
  memory.decide(csr)
  memory.wait(csr)
  assert.deepEqual([memory.isOpen(another), memory.isDue(another)], [true, true])
})

test('a decision that the watch never shows is made again', () => {
  let now = 0
  const memory = new CsrTracker(() => now)
  memory.decide(csr)
  now = RECHECK_MS - 1
  assert.equal(memory.isOpen(csr), false)
  now = RECHECK_MS
  assert.equal(memory.isOpen(csr), true)
})

test('a CSR whose object changed is due again, and its decision is not reported again', () => {
  const memory = new CsrTracker(() => 0)
  const reported = { csr, decision: decisionOf('NodeUnknown'), action: 'left' } as const
  assert.ok(memory.isNews(reported))
  memory.wait(csr)
  memory.change(csr.name)
  assert.deepEqual([memory.isDue(csr), memory.isNews(reported)], [true, false])
})

test('a decision is reported once, and again for a CSR that is recreated under the same name', () => {
  const memory = new CsrTracker(() => 0)
  const isNews = (reason: Decision['reason'], action: Action, of = csr) =>
    memory.isNews({ csr: of, decision: decisionOf(reason), action })
  assert.deepEqual(
    [isNews('NodeUnknown', 'left'), isNews('NodeUnknown', 'left'), isNews('NameNotOfNode', 'left')],
    [true, false, true],
  )
  assert.ok(isNews('NodeUnknown', 'denied'))
  assert.ok(isNews('NodeUnknown', 'left', another))
})

test('a change of its own Node affects a CSR', () => {
  const moved = node(n1, { addresses: ['0a000001'] })
  for (const [before, after] of [
    [node(n1), moved],
    [undefined, node(n1)],
    [node(n1), node(n1, { uid: 'new' })],
  ] as const)
    assert.deepEqual([...left().touchedBy({ key: n1, before, after })], [csr.name])
})

test('another Node that starts or stops to report a requested name or address affects it', () => {
  const claiming = node('n2', { addresses: ['0a000001'] })
  const touched = (key: string, before: NodeFacts | undefined, after: NodeFacts | undefined) => [
    ...left().touchedBy({ key, before, after }),
  ]
  assert.deepEqual(touched('n2', node('n2'), claiming), [csr.name])
  assert.deepEqual(touched('n2', claiming, undefined), [csr.name])
  assert.deepEqual(touched('web.example', undefined, node('web.example')), [csr.name])
})

test('an unrelated change of a Node does not affect it', () => {
  const claiming = node('n2', { addresses: ['0a000001'] })
  for (const change of [
    { key: 'n2', before: claiming, after: { ...claiming, uid: 'x' } },
    { key: 'n3', before: undefined, after: node('n3') },
    { key: n1, before: node(n1), after: node(n1) },
  ])
    assert.equal(left().touchedBy(change).size, 0)
})

test('nothing remains of a forgotten CSR', () => {
  const memory = left()
  memory.wait(csr)
  memory.decide(csr)
  memory.forget(csr.name)
  assert.deepEqual([...memory.names()], [])
  assert.ok(memory.isDue(csr))
  assert.equal(memory.touchedBy({ key: n1, before: undefined, after: node(n1) }).size, 0)
})

test('what all left CSRs request is remembered within one limit; past it a CSR is affected by its own Node only', () => {
  const memory = new CsrTracker(() => 0)
  const sans = Array.from({ length: 100 }, (_, number) => ({
    kind: 'dNSName' as const,
    value: `n${number}`,
    at: 0,
  }))
  const names = Array.from({ length: 400 }, (_, number) => `csr-${number}`)
  for (const name of names) memory.leave({ ...csr, name, uid: name }, { ...request, sans })
  const reporting = { key: 'other', before: undefined, after: node('other', { names: ['n7'] }) }
  assert.equal(memory.touchedBy(reporting).size, 300)
  assert.equal(memory.touchedBy({ key: n1, before: undefined, after: node(n1) }).size, 400)
  for (const name of names.slice(0, 200)) memory.forget(name)
  for (const name of names.slice(300)) memory.leave({ ...csr, name, uid: name }, { ...request, sans })
  assert.equal(memory.touchedBy(reporting).size, 200)
})

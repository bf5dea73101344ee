import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Decision } from '../../policies/types.ts'
import type { DecisionRecord } from '../ports.ts'
import { decisionEvent, releaseNotice } from './event.ts'
import { approval, approved, clock, created, csr, denial, denied, refused, start } from './report.fixture.ts'

test('an approval is one log line, one count, its time to decision, and one Event on the CSR', async () => {
  const { lines, calls, events, metrics, report } = start()
  report(approved)
  await events.drain(1_000)
  assert.deepEqual(lines, [
    {
      level: 'info',
      message: 'Conforms: all 29 checks pass',
      component: 'controller',
      csr: 'csr-mtznx',
      uid: csr.uid,
      node: 'n1',
      user: 'system:node:n1',
      credentialId: 'X509SHA256=0a1b',
      verdict: 'approve',
      reason: 'Conforms',
      action: 'approved',
      durationMs: 1.235,
      policyHash: '0123456789ab',
      sharedCa: 'false',
    },
  ])
  const { body } = await metrics.render()
  assert.match(
    body,
    /^kubelet_csr_gate_decisions_total\{component="controller",verdict="approve",reason="Conforms"\} 1$/mu,
  )
  assert.match(
    body,
    /^kubelet_csr_gate_time_to_decision_seconds_sum\{component="controller",verdict="approve"\} 1\.5$/mu,
  )
  const [call, ...others] = calls
  assert.deepEqual(others, [])
  const path = '/apis/events.k8s.io/v1/namespaces/default/events'
  const { body: event, ...rest } = call ?? {}
  assert.deepEqual(rest, { method: 'POST', path, timeoutMs: 5_000 })
  assert.deepEqual(event, {
    ...csrEvent,
    metadata: { name: 'kubelet-csr-gate.8562c5d462eb639a', namespace: 'default' },
    action: 'Approve',
    reason: 'Conforms',
    type: 'Normal',
    note: 'Conforms: all 29 checks pass',
  })
})

/** What Events about the CSR have in common. */
const csrEvent = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  eventTime: '2026-11-24T08:00:01.500000Z',
  reportingController: 'kubelet-csr-gate',
  reportingInstance: 'pod-1',
  regarding: {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    name: 'csr-mtznx',
    uid: csr.uid,
  },
  related: { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'n-uid' },
}

test('a notice is an Event about the CSR and its Node, the same each time that it is told', async () => {
  const { calls, events } = start()
  const note = 'NotIssued: approved 60 s ago and not issued'
  const notice = { reason: 'NotIssued', note, csr, username: 'system:node:n1', nodeUid: 'n-uid' } as const
  events.notify(notice)
  events.notify({ ...notice, note: 'NotIssued: approved 70 s ago and not issued' })
  events.notify({ ...notice, reason: 'IssuedMismatch', nodeUid: undefined })
  await events.drain(1_000)
  const [first, again, other] = calls.map(({ body }) => body ?? {})
  const metadata = first?.['metadata']
  assert.deepEqual(first, {
    ...csrEvent,
    metadata,
    action: 'Sign',
    reason: 'NotIssued',
    type: 'Warning',
    note,
  })
  assert.deepEqual(again?.['metadata'], metadata)
  assert.notDeepEqual(other?.['metadata'], metadata)
  assert.equal(other?.['related'], undefined)
})

test('a release is an Event about the Node', async () => {
  const { calls, events } = start()
  events.notify(releaseNotice('10.0.0.1', { name: 'n1', uid: 'n-uid' }))
  await events.drain(1_000)
  const [event] = calls.map(({ body }) => body ?? {})
  const { related, ...rest } = csrEvent
  assert.deepEqual(event, {
    ...rest,
    metadata: event?.['metadata'],
    regarding: related,
    action: 'Release',
    reason: 'Released',
    type: 'Warning',
    note: '10.0.0.1 is no longer held by this Node: an operator released it',
  })
})

test('the log line lists checks that failed, but not checks that passed or were skipped', () => {
  const { lines, report } = start()
  report(refused)
  const [line] = lines
  assert.ok(line !== undefined)
  assert.deepEqual(Reflect.get(line, 'failing'), [
    'AddressNotOfNode notYet: 10.0.0.9 is not reported by node "n1"',
  ])
  assert.deepEqual([Reflect.get(line, 'reviewUid'), Reflect.get(line, 'dryRun')], ['r1', true])
})

test('a refusal at the webhook has no Event, since no CSR is stored', () => {
  const { calls, report } = start()
  report(refused)
  assert.deepEqual(calls, [])
})

test('an internal error is logged at level error', () => {
  const { lines, report } = start()
  report({ ...refused, decision: { ...denial, verdict: 'error' } })
  assert.equal(Reflect.get(lines[0] ?? {}, 'level'), 'error')
})

test('text of a requester is escaped in log lines and Events', () => {
  const { lines, report } = start()
  const hostile = {
    ...csr,
    name: 'csr\x1b[2J',
    requester: { ...csr.requester, username: 'system:node:\u202Ex' },
  }
  const decision = { ...denial, message: `X: ${'é\n'.repeat(2_000)}` }
  report({ ...denied, csr: hostile, decision })
  for (const value of textsOf(lines)) assert.match(value, /^[\x20-\x7e]*$/u)
  const event = decisionEvent({ ...denied, csr: hostile, decision }, { ...eventParts })
  for (const value of textsOf(event)) assert.match(value, /^[\x20-\x7e]*$/u)
})

/** Every string in it, however deep. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

const eventParts = {
  api: { call: async () => created },
  clock,
  recorder: { eventsDropped: () => undefined },
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  identity: 'p'.repeat(300),
  busy: () => false,
}

test('a log line has the pool and the sources of truth of its decision', () => {
  const { lines, report } = start()
  const vouched = { '10.0.0.1': 'inventory' } as const
  report({ ...approved, decision: { ...approval, pool: 'metal', vouched } })
  const [line = {}] = lines
  assert.deepEqual([Reflect.get(line, 'pool'), Reflect.get(line, 'vouched')], ['metal', vouched])
})

test('note and reportingInstance are cut to what the API server accepts', () => {
  const event = decisionEvent({ ...denied, decision: { ...denial, message: 'é'.repeat(1_000) } }, eventParts)
  assert.equal(event?.['note'], `${String.raw`\u00e9`.repeat(170)}...`)
  assert.equal(event['reportingInstance'], `${'p'.repeat(125)}...`)
})

test('a CSR that is left Pending has an Event, and an ignored CSR has none', () => {
  const wait = decisionEvent({ ...denied, action: 'left' }, eventParts)
  assert.deepEqual([wait?.['action'], wait?.['type'], wait?.['related']], ['Wait', 'Warning', undefined])
  const ignored: Decision = { ...approval, verdict: 'ignore', reason: 'OtherSigner' }
  assert.equal(decisionEvent({ ...denied, decision: ignored, action: 'left' }, eventParts), undefined)
})

test('the same decision on the same CSR has the same Event, so that it is written once', () => {
  const nameOf = (record: DecisionRecord) => Object(decisionEvent(record, eventParts)?.['metadata']).name
  assert.equal(nameOf(denied), nameOf({ ...denied, durationMs: 9 }))
  assert.notEqual(nameOf(denied), nameOf({ ...denied, action: 'left' }))
  assert.notEqual(nameOf(denied), nameOf({ ...denied, csr: { ...csr, uid: 'other' } }))
  assert.match(nameOf(denied), /^kubelet-csr-gate\.[0-9a-f]{16}$/u)
})

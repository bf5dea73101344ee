import { setTimeout as pause } from 'node:timers/promises'
import { goodFacts } from '../../policies/good-request.fixture.ts'
import type { CsrObject, Decision } from '../../policies/types.ts'
import type { Api, ApiAnswer, ApiCall, DecisionRecord, Log } from '../ports.ts'
import { Events } from './events.ts'
import { MetricsRecorder } from './recorder.ts'
import { createReport } from './report.ts'

const createdAt = Date.UTC(2026, 10, 24, 8)
export const csr: CsrObject = {
  ...goodFacts.csr,
  name: 'csr-mtznx',
  uid: '11111111-2222-3333-4444-555555555555',
  createdAt,
  requester: {
    ...goodFacts.csr.requester,
    username: 'system:node:n1',
    extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=0a1b'] },
  },
}
const field = 'spec.request'
export const approval: Decision = {
  verdict: 'approve',
  reason: 'Conforms',
  message: 'Conforms: all 29 checks pass',
  findings: [{ code: 'NameMalformed', field, outcome: 'pass', detail: '' }],
  awaited: true,
  policyHash: '0123456789ab',
}
export const denial: Decision = {
  verdict: 'notYet',
  reason: 'AddressNotOfNode',
  message: 'AddressNotOfNode: 10.0.0.9 is not reported by node "n1"',
  findings: [
    { code: 'NameMalformed', field, outcome: 'pass', detail: '' },
    { code: 'AddressNotOfNode', field, outcome: 'notYet', detail: '10.0.0.9 is not reported by node "n1"' },
    { code: 'NameReserved', field, outcome: 'skipped', detail: 'settled before' },
  ],
  awaited: true,
  policyHash: '0123456789ab',
}
export const approved: DecisionRecord = {
  component: 'controller',
  csr,
  decision: approval,
  action: 'approved',
  durationMs: 1.23456,
  nodeUid: 'n-uid',
}
export const denied: DecisionRecord = {
  component: 'controller',
  csr,
  decision: denial,
  action: 'denied',
  durationMs: 2,
}
export const refused: DecisionRecord = {
  component: 'webhook',
  csr,
  decision: denial,
  action: 'refused',
  durationMs: 2,
  reviewUid: 'r1',
  dryRun: true,
}

const runs = { webhook: true, controller: true }
export const clock = { serverNow: () => createdAt + 1_500 }
export const created: ApiAnswer = { ok: true, status: 201, object: {} }
export const failed = (status: number, retryAfterMs: number | null = null): ApiAnswer => ({
  ok: false,
  status,
  reason: 'X',
  message: '',
  retryAfterMs,
})

export function start(answers: ApiAnswer[] = [], busy = () => false) {
  const [lines, calls, dropped]: [object[], ApiCall[], number[]] = [[], [], []]
  const line = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, ...fields })
  const log: Log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const api: Api = {
    async call(call) {
      calls.push(call)
      await pause(1)
      return answers.shift() ?? created
    },
  }
  const recorder = { eventsDropped: (count: number) => void dropped.push(count) }
  const events = new Events({ api, clock, recorder, log, identity: 'pod-1', busy })
  const metrics = new MetricsRecorder({ version: '0.1.0', runs })
  const report = createReport({ log, metrics, events: () => events, clock, sharedCa: () => 'false' })
  return { lines, calls, dropped, events, metrics, report }
}

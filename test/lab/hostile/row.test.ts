import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOf, type Row } from './row.ts'

const quiet: Row = {
  name: 'quiet',
  against: null,
  memory: { webhook: 40, controller: 40 },
  probes: { sent: 10, failed: 0, slowestMs: 5 },
  honest: { asked: 2, approved: [30, 60], refusals: [], problems: [], bare: [20, 30] },
  ends: [],
  outcomes: {},
}
const row: Row = { ...quiet, name: 'body', against: 'webhook port', outcomes: { 413: 20 } }

test('a row in which nothing happened to honest nodes has no fault', () => {
  const { honest } = row
  assert.deepEqual(faultsOf({ ...row, honest: { ...honest, approved: [30, 310] } }, quiet), [])
})

test('each process that ended is a restart, and a fault', () => {
  assert.deepEqual(faultsOf({ ...row, ends: ['webhook: SIGABRT', 'webhook: SIGKILL'] }, quiet), [
    '2 restarts (webhook: SIGABRT, webhook: SIGKILL)',
  ])
})

test('a probe that was not answered is a fault', () => {
  assert.deepEqual(faultsOf({ ...row, probes: { sent: 10, failed: 1, slowestMs: 5 } }, quiet), [
    '1 of 10 probes failed',
  ])
})

test('an honest node that was not approved is a fault, told with its problem', () => {
  const honest = { ...row.honest, approved: [30], problems: ['n1 waits in vain'] }
  assert.deepEqual(faultsOf({ ...row, honest }, quiet), [
    '1 of 2 honest nodes not approved: n1 waits in vain',
  ])
})

test('no honest node approved at all is told as such, not as a wait', () => {
  const honest = { ...row.honest, approved: [], problems: ['no answer'] }
  assert.deepEqual(faultsOf({ ...row, honest }, quiet), ['2 of 2 honest nodes not approved: no answer'])
})

test('a wait of more than 250 ms over the quiet one is a fault, told beside what it is without us', () => {
  const honest = { ...row.honest, approved: [30, 311], bare: [20, 130] }
  assert.deepEqual(faultsOf({ ...row, honest }, quiet), ['honest p99 251 ms over quiet; bare 100 ms'])
})

test('a wait of a kubelet that was refused at first is told with what it was told', () => {
  const honest = { ...row.honest, approved: [30, 2311], refusals: ['NameNotOfNode'] }
  assert.deepEqual(faultsOf({ ...row, honest }, quiet), [
    'honest p99 2251 ms over quiet; bare 0 ms; 1 refused at first: NameNotOfNode',
  ])
})

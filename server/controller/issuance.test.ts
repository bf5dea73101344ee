import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { goodNode } from '../../policies/good-request.fixture.ts'
import { FakeStore } from '../facts/store.fixture.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import type { Log, Notice } from '../ports.ts'
import { Issuance } from './issuance.ts'

const NOW = Date.UTC(2026, 10, 26, 8)
const sound = { notAfter: NOW + 1, mismatches: [] }
const wrong = {
  notAfter: NOW + 1,
  mismatches: [
    { field: 'names', detail: 'it is also for dNSName:kubernetes' },
    { field: 'authority', detail: 'it is the certificate of a CA' },
  ],
} as const

/** Approved by us `secondsAgo`. */
function approved(name: string, secondsAgo: number, change: Partial<StoredCsr> = {}): StoredCsr {
  const at = NOW - secondsAgo * 1_000
  const username = 'system:node:worker-1'
  const rest = { claims: [], pending: null, failure: null, byUs: true, issued: null }
  return { name, uid: `uid-${name}`, username, createdAt: at, approvedAt: at, ...rest, ...change }
}

function start(t: TestContext, ...stored: readonly StoredCsr[]) {
  const csrs = new FakeStore<StoredCsr>(Object.fromEntries(stored.map((one) => [one.name, one])))
  const world = { leads: true, passedMs: 0 }
  const [lines, notices, counted]: [object[], Notice[], string[]] = [[], [], []]
  const line = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, ...fields })
  const log: Log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const issuance = new Issuance({
    csrs,
    nodes: new FakeStore({ 'worker-1': goodNode }),
    isLeader: () => world.leads,
    clock: { serverNow: () => NOW + world.passedMs, monotonic: () => world.passedMs },
    log,
    recorder: { mismatched: (field) => counted.push(field) },
    notify: (notice) => notices.push(notice),
  })
  t.after(() => issuance.stop())
  return { csrs, world, lines, notices, counted, issuance }
}

const causes = (lines: readonly object[]): unknown[] => lines.map((line) => Reflect.get(line, 'cause'))
const names = (lines: readonly object[]): unknown[] => lines.map((line) => Reflect.get(line, 'csr'))

const NO_SIGNER =
  'no signer issues certificates. Check that kube-controller-manager runs, with the controller csrsigning and --cluster-signing-cert-file and --cluster-signing-key-file, or those of kubelet-serving'

test('a certificate that is not what was approved is told once: a line, a count of each field, an Event', async (t) => {
  const { lines, notices, counted, issuance } = start(t, approved('csr-1', 5, { issued: wrong }))
  await issuance.look()
  await issuance.look()
  assert.deepEqual(lines, [
    {
      level: 'error',
      message: 'an issued certificate is not what was approved',
      csr: 'csr-1',
      uid: 'uid-csr-1',
      node: 'worker-1',
      user: 'system:node:worker-1',
      mismatches: ['names: it is also for dNSName:kubernetes', 'authority: it is the certificate of a CA'],
    },
  ])
  assert.deepEqual(counted, ['names', 'authority'])
  assert.deepEqual(notices, [
    {
      reason: 'IssuedMismatch',
      note: 'IssuedMismatch: the certificate is not what was approved. names: it is also for dNSName:kubernetes. authority: it is the certificate of a CA',
      csr: { name: 'csr-1', uid: 'uid-csr-1' },
      username: 'system:node:worker-1',
      nodeUid: goodNode.uid,
    },
  ])
})

test('a mismatch is told whoever approved the CSR', async (t) => {
  const { counted, issuance } = start(t, approved('csr-1', 5, { byUs: false, issued: wrong }))
  await issuance.look()
  assert.deepEqual(counted, ['names', 'authority'])
})

test('an approved CSR that is not issued after a minute is told once', async (t) => {
  const { lines, notices, world, issuance } = start(t, approved('csr-1', 59))
  await issuance.look()
  assert.deepEqual(lines, [])
  world.passedMs = 1_000
  await issuance.look()
  await issuance.look()
  assert.deepEqual(lines, [
    {
      level: 'warn',
      message: 'an approved CSR is not issued',
      csr: 'csr-1',
      uid: 'uid-csr-1',
      node: 'worker-1',
      user: 'system:node:worker-1',
      waitedSeconds: 60,
      cause: NO_SIGNER,
    },
  ])
  assert.equal(notices[0]?.note, `NotIssued: approved 60 s ago and not issued: ${NO_SIGNER}`)
})

test('what others approved, was issued or was refused by the signer is not late', async (t) => {
  const { lines, issuance } = start(
    t,
    approved('others', 90, { byUs: false }),
    approved('issued', 90, { issued: sound }),
    approved('failed', 90, { failure: { reason: 'x', message: 'y' } }),
  )
  await issuance.look()
  assert.deepEqual(lines, [])
})

test('a signer that issues others is behind, or passes over one', async (t) => {
  const { csrs, lines, issuance } = start(t, approved('b', 80), approved('a', 90), approved('c', 5))
  csrs.set('c', approved('c', 5, { issued: sound }))
  await issuance.look()
  assert.deepEqual(names(lines), ['a', 'b'])
  assert.deepEqual(causes(lines), [
    'the signer issues others. See the log of kube-controller-manager',
    'the signer is behind: 1 CSRs that were approved before wait too. Its pace is --kube-api-qps of kube-controller-manager',
  ])
})

test('a signer that has issued nothing for half a minute is taken for dead', async (t) => {
  const { csrs, world, lines, issuance } = start(t, approved('a', 50), approved('c', 5))
  csrs.set('c', approved('c', 5, { issued: sound }))
  world.passedMs = 31_000
  await issuance.look()
  assert.deepEqual(causes(lines), [NO_SIGNER])
})

test('a certificate that was there when this process started is no sign of a signer that works', async (t) => {
  const { csrs, lines, issuance } = start(t, approved('a', 90))
  csrs.set('old', approved('old', 5, { issued: sound }))
  await issuance.look()
  assert.deepEqual(causes(lines), [NO_SIGNER])
})

test('where everything is late, ten are told at each look, the oldest first', async (t) => {
  const many = Array.from({ length: 25 }, (_, index) => approved(`csr-${index}`, 100 + index))
  const { lines, issuance } = start(t, ...many)
  await issuance.look()
  assert.deepEqual(
    names(lines),
    Array.from({ length: 10 }, (_, index) => `csr-${24 - index}`),
  )
  for (let look = 0; look < 5; look += 1) await issuance.look()
  assert.equal(new Set(names(lines)).size, 25)
  assert.equal(lines.length, 25)
})

test('only the leader says anything, and a new leader says what the last one may not have said', async (t) => {
  const { lines, world, issuance } = start(t, approved('a', 90), approved('b', 5, { issued: wrong }))
  world.leads = false
  await issuance.look()
  assert.deepEqual(lines, [])
  world.leads = true
  await issuance.look()
  assert.deepEqual(names(lines), ['b', 'a'])
})

test('a look is taken every ten seconds until the end', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { lines, issuance, csrs } = start(t, approved('a', 90))
  t.mock.timers.tick(10_000)
  await new Promise(setImmediate)
  assert.equal(lines.length, 1)
  issuance.stop()
  csrs.set('b', approved('b', 90))
  t.mock.timers.tick(60_000)
  await new Promise(setImmediate)
  assert.equal(lines.length, 1)
})

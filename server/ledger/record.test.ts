import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from '../../policies/limits.ts'
import { type NodeGrants, unprovenLeft } from '../facts/grants.ts'
import { addApproval, type Approval, noteReported, pruned, withoutClaim, withoutFailed } from './record.ts'

const AT = 1_767_225_600_000
const MINUTE = 60_000
const YEAR = 31_536_000_000

function approval(
  csr: string,
  minutes: number,
  claims: readonly string[],
  {
    proven = [],
    silent = [],
  }: { readonly proven?: readonly string[]; readonly silent?: readonly string[] } = {},
): Approval {
  const approvedAt = AT + minutes * MINUTE
  const grant = { csr, key: csr, credentialId: null, approvedAt, notAfter: approvedAt + YEAR }
  const seen = new Map([
    ...proven.map((claim) => [claim, 'own'] as const),
    ...silent.map((claim) => [claim, 'silent'] as const),
  ])
  return { node: 'n1', uid: 'u1', grant, claims, seen }
}

const first = addApproval(undefined, approval('csr-1', 0, ['a', 'b'], { proven: ['a'] }))
const byClaim = (grants: NodeGrants | undefined, claim: string) =>
  grants?.values.find((value) => value.claim === claim)

test('a renewal keeps since when and with which proof a value is held, and adds its key to the earlier ones', () => {
  const again = addApproval(first, approval('csr-2', 60, ['a', 'b']))
  const value = { heldAt: AT, grantedAt: AT + 60 * MINUTE, leftAt: null }
  deepEqual(byClaim(again, 'a'), { claim: 'a', ...value, provenAt: AT, sight: 'own' })
  deepEqual(byClaim(again, 'b'), { claim: 'b', ...value, provenAt: null, sight: null })
  deepEqual(
    again.earlier.map(({ csr }) => csr),
    ['csr-1'],
  )
})

test('two earlier certificates are known, each with a key of its own', () => {
  const after = (...approvals: readonly Approval[]) =>
    approvals.reduce((grants, one) => addApproval(grants, one), first).earlier.map(({ csr }) => csr)
  const next = (csr: string, minutes: number) => approval(csr, minutes, ['a'])
  deepEqual(after(next('csr-2', 1), next('csr-3', 2)), ['csr-2', 'csr-1'])
  deepEqual(after(next('csr-2', 1), next('csr-3', 2), next('csr-4', 3)), ['csr-3', 'csr-2'])
  const sameKey = { ...next('csr-2', 1), grant: { ...next('csr-2', 1).grant, key: 'csr-1' } }
  deepEqual(after(sameKey), [])
  deepEqual(after({ ...next('csr-1', 1), grant: { ...next('csr-1', 1).grant, key: 'other' } }), [])
})

test('what a later certificate lacks is left, and is held anew only within ten minutes', () => {
  const without = addApproval(first, approval('csr-2', 60, ['a']))
  equal(byClaim(without, 'b')?.leftAt, AT + 60 * MINUTE)
  equal(byClaim(addApproval(without, approval('csr-3', 65, ['a', 'b'])), 'b')?.heldAt, AT)
  equal(byClaim(addApproval(without, approval('csr-3', 75, ['a', 'b'])), 'b')?.heldAt, AT + 75 * MINUTE)
})

test('an approval that is older than the last adds its key and nothing else', () => {
  const late = addApproval(first, approval('csr-0', -5, ['c']))
  deepEqual([late.values, late.earlier.map(({ csr }) => csr)], [first.values, ['csr-0']])
})

test('a Node that is gone, or no longer reports a value, has left it; nothing changes while it reports all', () => {
  const all = { exists: true, reports: () => true }
  equal(noteReported(first, all, AT), first)
  const gone = noteReported(first, { exists: false, reports: () => false }, AT + 1)
  deepEqual([gone.goneAt, byClaim(gone, 'a')?.leftAt], [AT + 1, AT + 1])
  deepEqual(noteReported(gone, all, AT + 2), first)
  const dropped = noteReported(first, { exists: true, reports: (claim) => claim === 'a' }, AT + 1)
  deepEqual(
    [dropped.goneAt, byClaim(dropped, 'a')?.leftAt, byClaim(dropped, 'b')?.leftAt],
    [null, null, AT + 1],
  )
})

test('a Node that is gone and whose certificates have expired is forgotten, and one that is there is not', () => {
  equal(pruned(first, AT + 2 * YEAR), first)
  const gone = noteReported(first, { exists: false, reports: () => false }, AT)
  equal(pruned(gone, AT + YEAR - 1)?.last, gone.last)
  equal(pruned(gone, AT + YEAR), undefined)
})

test('a Node that is gone is forgotten ten minutes later at the earliest, although its certificate has expired', () => {
  const goneAt = AT + 2 * YEAR
  const gone = noteReported(first, { exists: false, reports: () => false }, goneAt)
  equal(pruned(gone, goneAt + 10 * MINUTE - 1) === undefined, false)
  equal(pruned(gone, goneAt + 10 * MINUTE), undefined)
})

test('what was left is forgotten after ten minutes, and what was released or failed at once', () => {
  const without = addApproval(first, approval('csr-2', 0.1, ['a']))
  equal(pruned(without, AT + 10 * MINUTE), without)
  equal(byClaim(pruned(without, AT + 11 * MINUTE), 'b'), undefined)
  equal(byClaim(withoutClaim(first, 'b'), 'b'), undefined)
  equal(withoutFailed(first, 'csr-1'), undefined)
  equal(withoutFailed(first, 'csr-9'), first)
  const grown = addApproval(first, approval('csr-2', 60, ['a', 'b', 'c']))
  equal(byClaim(withoutFailed(grown, 'csr-2'), 'c'), undefined)
})

test('addresses that were granted although nobody answered are counted, and one is forgotten each day', () => {
  const left = (grants: NodeGrants, days: number) =>
    unprovenLeft([grants], AT + days * 1_440 * MINUTE, defaultLimits)
  const silent = ['a', 'b', 'c']
  const grants = addApproval(undefined, approval('csr-1', 0, silent, { silent: silent }))
  deepEqual([left(grants, 0), left(grants, 0.9), left(grants, 1), left(grants, 9)], [5, 5, 6, 8])
  // What was granted before is not counted again, and what was left still is.
  const again = addApproval(grants, approval('csr-2', 1, ['a', 'b', 'd'], { silent: ['a', 'b', 'd'] }))
  deepEqual([left(again, 0.5), byClaim(again, 'a')?.sight], [4, 'silent'])
  deepEqual(byClaim(addApproval(again, approval('csr-3', 2, ['a'], { proven: ['a'] })), 'a')?.sight, 'own')
})

test('a Node that is gone is remembered while it has addresses that were not proven', () => {
  const grants = addApproval(undefined, approval('csr-1', 0, ['a'], { silent: ['a'] }))
  const gone = { ...noteReported(grants, { exists: false, reports: () => false }, AT), earlier: [] }
  const expired = { ...gone, last: { ...gone.last, notAfter: AT } }
  equal(pruned(expired, AT + 23 * 60 * MINUTE) === undefined, false)
  equal(pruned(expired, AT + 24 * 60 * MINUTE), undefined)
})

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { NodeGrants } from '../facts/grants.ts'
import { addApproval, type Approval, noteReported, pruned, withoutClaim, withoutFailed } from './record.ts'

const AT = 1_767_225_600_000
const MINUTE = 60_000
const YEAR = 31_536_000_000

function approval(csr: string, minutes: number, claims: readonly string[], proven: string[] = []): Approval {
  const approvedAt = AT + minutes * MINUTE
  const grant = { csr, key: csr, credentialId: null, approvedAt, notAfter: approvedAt + YEAR }
  return { node: 'n1', uid: 'u1', grant, claims, proven: new Set(proven) }
}

const first = addApproval(undefined, approval('csr-1', 0, ['a', 'b'], ['a']))
const byClaim = (grants: NodeGrants | undefined, claim: string) =>
  grants?.values.find((value) => value.claim === claim)

test('a renewal keeps since when and with which proof a value is held, and adds its key to the earlier ones', () => {
  const again = addApproval(first, approval('csr-2', 60, ['a', 'b']))
  const value = { heldAt: AT, grantedAt: AT + 60 * MINUTE, leftAt: null }
  deepEqual(byClaim(again, 'a'), { claim: 'a', ...value, provenAt: AT })
  deepEqual(byClaim(again, 'b'), { claim: 'b', ...value, provenAt: null })
  deepEqual(
    again.earlier.map(({ csr }) => csr),
    ['csr-1'],
  )
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
  equal(pruned(gone, AT + YEAR - 1), gone)
  equal(pruned(gone, AT + YEAR), undefined)
})

test('what was left is forgotten after a day, and what was released or failed at once', () => {
  const without = addApproval(first, approval('csr-2', 0.1, ['a']))
  equal(pruned(without, AT + 1_440 * MINUTE), without)
  equal(byClaim(pruned(without, AT + 1_441 * MINUTE), 'b'), undefined)
  equal(byClaim(withoutClaim(first, 'b'), 'b'), undefined)
  equal(withoutFailed(first, 'csr-1'), undefined)
  equal(withoutFailed(first, 'csr-9'), first)
  const grown = addApproval(first, approval('csr-2', 60, ['a', 'b', 'c']))
  equal(byClaim(withoutFailed(grown, 'csr-2'), 'c'), undefined)
})

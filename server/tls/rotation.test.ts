import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BACKDATE_MS,
  issueAuthority,
  issueLeaf,
  LIFETIMES,
  type Authority,
  type TrustedAuthority,
} from './authority.ts'
import { type Kept, type Pace, plan, stillTrusted, type View, wanted } from './rotation.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const now = Date.parse('2026-11-24T08:00:00Z')
const names = ['webhook.system.svc']
const pace: Pace = { lifetimes: LIFETIMES, propagationMs: 30_000 }

const authority = issueAuthority(now)
const leaf = issueLeaf(authority, names, now)
const next = issueAuthority(now)
/** A caBundle with these CAs, and with certificates of others. */
function trusting(...authorities: readonly TrustedAuthority[]) {
  return { authorities, trusted: authorities.map(({ id }) => id) }
}
const kept: Kept = { authority, leaf, next: null, previous: [], requested: null }
const view: View = {
  now,
  names,
  kept,
  bundle: trusting(authority),
  trustedForMs: 0,
  serving: { authority, leaf },
}
const empty: Kept = { authority: null, leaf: null, next: null, previous: [], requested: null }

/** What the step writes into the Secret. */
function stored(change: Partial<View>, why: string): Kept {
  const step = plan({ ...view, ...change }, pace)
  assert.ok(step.kind === 'store')
  assert.equal(step.why, why)
  return step.kept
}

/** The Secret after a new CA was introduced and took the place of the current one. */
function promotedTo(successor: Authority, before: Kept): Kept {
  const staged = { ...before, next: successor }
  const bundle = trusting(...wanted(staged, now))
  const serving = before.authority && before.leaf && { authority: before.authority, leaf: before.leaf }
  return stored({ kept: staged, bundle, serving, trustedForMs: 30_000 }, 'promote')
}

test('a certificate that is served, trusted and not due needs no step', () => {
  assert.deepEqual(plan(view, pace), { kind: 'rest' })
})

test('an empty Secret gets a CA and a certificate', () => {
  for (const bundle of [trusting(), null])
    assert.equal(stored({ kept: empty, serving: null, bundle }, 'found').leaf?.names, names)
})

test('a Secret that was emptied is filled with the certificate in use', () => {
  assert.deepEqual(stored({ kept: empty }, 'restore'), kept)
})

test('an expired certificate is not restored', () => {
  stored({ kept: empty, now: leaf.notAfter, bundle: null }, 'found')
})

test('a new CA does not replace one that a webhook in another process may still need', () => {
  const lost = { kept: empty, serving: null }
  const staged = stored(lost, 'stage')
  const { next: added, previous } = staged
  assert.ok(added !== null)
  assert.deepEqual(previous, [authority])
  const introduced: View = { ...view, ...lost, kept: staged }
  assert.deepEqual(plan(introduced, pace), { kind: 'publish', authorities: [added, authority] })
  const published: View = { ...introduced, bundle: trusting(added, authority) }
  assert.deepEqual(plan(published, pace), { kind: 'rest' })
  assert.equal(stored({ ...published, trustedForMs: 30_000 }, 'promote').authority, added)
})

test('a CA in the caBundle that has expired is replaced at once', () => {
  stored({ kept: empty, serving: null, now: authority.notAfter }, 'found')
})

test('a CA whose key was lost is replaced beside itself, and its certificate stays in the Secret until then', () => {
  const keyless: Kept = { ...kept, authority: null, leaf: { ...leaf, issuer: null } }
  const staged = stored({ kept: keyless, serving: null }, 'stage')
  assert.equal(staged.leaf?.id, leaf.id)
  const later = now + 2 * 60 * 60 * 1000
  assert.deepEqual(
    wanted(staged, later).map(({ id }) => id),
    [staged.next?.id, authority.id],
  )
})

test('no certificate is served before its CA is in the caBundle', () => {
  const unserved: View = { ...view, serving: null, bundle: trusting() }
  assert.deepEqual(plan(unserved, pace), { kind: 'publish', authorities: [authority] })
  const published: View = { ...unserved, bundle: trusting(authority) }
  assert.deepEqual(plan(published, pace), { kind: 'serve', serving: { authority, leaf } })
})

test('a certificate is served even if the caBundle has extra CAs, which are removed next', () => {
  const crowded: View = { ...view, bundle: { authorities: [authority], trusted: [authority.id, 'foreign'] } }
  assert.equal(plan({ ...crowded, serving: null }, pace).kind, 'serve')
  assert.deepEqual(plan(crowded, pace), { kind: 'publish', authorities: [authority] })
})

test('without a webhook configuration nothing is published', () => {
  assert.equal(plan({ ...view, bundle: null, serving: null }, pace).kind, 'serve')
  assert.equal(plan({ ...view, bundle: null }, pace).kind, 'rest')
})

test('a certificate is renewed by the same CA when a third of its lifetime is left', () => {
  const due = leaf.notBefore + (2 / 3) * (leaf.notAfter - leaf.notBefore)
  assert.equal(plan({ ...view, now: due - 1 }, pace).kind, 'rest')
  assert.equal(stored({ now: due }, 'renew').leaf?.issuer, authority.id)
})

test('a missing, expired or foreign certificate is renewed at once', () => {
  const foreign = issueLeaf(issueAuthority(now), names, now)
  const cases: readonly Partial<View>[] = [
    { kept: { ...kept, leaf: null } },
    { now: leaf.notAfter },
    { kept: { ...kept, leaf: foreign } },
  ]
  for (const change of cases) assert.equal(stored(change, 'renew').leaf?.issuer, authority.id)
})

test('a missing name is added to the others, so that replicas of two versions do not undo each other', () => {
  const { leaf: renamed } = stored({ names: ['127.0.0.1'] }, 'renew')
  assert.deepEqual(renamed?.names, ['webhook.system.svc', '127.0.0.1'])
})

test('a CA that a new certificate would outlive gets a successor, which is published before it signs', () => {
  const late = authority.notAfter - LIFETIMES.leaf
  const fresh = issueLeaf(authority, names, late)
  const aged: View = {
    ...view,
    now: late,
    kept: { ...kept, leaf: fresh },
    serving: { authority, leaf: fresh },
  }
  assert.equal(plan(aged, pace).kind, 'rest')
  stored({ ...aged, now: late + 1 }, 'stage')
  const staged: View = { ...view, kept: { ...kept, next } }
  assert.deepEqual(plan(staged, pace), { kind: 'publish', authorities: [authority, next] })
})

test('a new CA signs only after every API server had time to see it', () => {
  const staged: View = { ...view, kept: { ...kept, next }, bundle: trusting(next, authority) }
  assert.equal(plan({ ...staged, trustedForMs: 29_999 }, pace).kind, 'rest')
  assert.equal(stored({ ...staged, trustedForMs: 30_000 }, 'promote').authority, next)
})

test('a successor that expired before its promotion is replaced', () => {
  const expired = issueAuthority(now - 2 * DAY_MS, { authority: DAY_MS, leaf: DAY_MS })
  assert.notEqual(stored({ kept: { ...kept, next: expired, requested: 'ca' } }, 'stage').next, expired)
})

test('an operator can request a new certificate or a new CA', () => {
  stored({ kept: { ...kept, requested: 'leaf' } }, 'renew')
  stored({ kept: { ...kept, requested: 'ca' } }, 'stage')
})

test('the successor of an expired CA is introduced as any other', () => {
  const late = authority.notAfter
  const successor = issueAuthority(late)
  const over: View = { ...view, now: late, kept: { ...kept, next: successor }, serving: null }
  assert.deepEqual(plan(over, pace), { kind: 'publish', authorities: [successor] })
})

test('a completed step clears its request', () => {
  assert.equal(stored({ kept: { ...kept, requested: 'ca' } }, 'stage').requested, null)
  assert.equal(stored({ kept: { ...kept, requested: 'leaf' } }, 'renew').requested, null)
  assert.equal(stored({ kept: { ...kept, leaf: null, requested: 'ca' } }, 'renew').requested, 'ca')
})

test('the previous CA stays trusted for an hour after a promotion, without its key', () => {
  const promoted = promotedTo(next, kept)
  const ids = (at: number): string[] => wanted(promoted, at).map(({ id }) => id)
  assert.deepEqual(ids(now), [next.id, authority.id])
  assert.deepEqual(ids(now + BACKDATE_MS - 1), [next.id, authority.id])
  assert.deepEqual(ids(now + 60 * 60 * 1000), [next.id])
  assert.ok(promoted.previous.every((retired) => !('key' in retired)))
  assert.equal(promoted.leaf?.issuer, next.id)
  assert.equal(promoted.next, null)
})

test('at most three previous CAs stay trusted, however often the CA is replaced', () => {
  let many = kept
  for (let turn = 0; turn < 6; turn++) {
    many = promotedTo(issueAuthority(now), many)
  }
  assert.equal(stillTrusted(many, now).length, 3)
})

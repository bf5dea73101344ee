import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BACKDATE_MS, issueAuthority, issueLeaf, LIFETIMES, type TrustedAuthority } from './authority.ts'
import { type Kept, type Pace, plan, stillTrusted, type View, wanted, take } from './self-signed-plan.ts'

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

test('a certificate that is served, trusted and not due needs no step', () => {
  assert.deepEqual(plan(view, pace), { step: 'rest' })
})

test('an empty Secret gets a CA and a certificate', () => {
  for (const bundle of [trusting(), null])
    assert.deepEqual(plan({ ...view, kept: empty, serving: null, bundle }, pace), { step: 'found' })
})

test('a Secret that was emptied is filled with the certificate in use', () => {
  const serving = { authority, leaf }
  assert.deepEqual(plan({ ...view, kept: empty }, pace), { step: 'restore', serving })
})

test('an expired certificate is not restored', () => {
  assert.deepEqual(plan({ ...view, kept: empty, now: leaf.notAfter, bundle: null }, pace), { step: 'found' })
})

test('a new CA does not replace one that a webhook in another process may still need', () => {
  const lost: View = { ...view, kept: empty, serving: null }
  const stage = { step: 'stage', beside: [authority] } as const
  assert.deepEqual(plan(lost, pace), stage)
  const staged = take(stage, empty, { now, names, lifetimes: LIFETIMES })
  const { next: added } = staged
  assert.ok(added !== null)
  const introduced: View = { ...lost, kept: staged }
  assert.deepEqual(plan(introduced, pace), { step: 'publish', authorities: [added, authority] })
  const published: View = { ...introduced, bundle: trusting(added, authority) }
  assert.deepEqual(plan(published, pace), { step: 'rest' })
  assert.deepEqual(plan({ ...published, trustedForMs: 30_000 }, pace), { step: 'promote', next: added })
})

test('a CA in the caBundle that has expired is replaced at once', () => {
  const over: View = { ...view, kept: empty, serving: null, now: authority.notAfter }
  assert.deepEqual(plan(over, pace), { step: 'found' })
})

test('a CA whose key was lost is replaced beside itself, and its certificate stays in the Secret until then', () => {
  const keyless: View = {
    ...view,
    kept: { ...kept, authority: null, leaf: { ...leaf, issuer: null } },
    serving: null,
  }
  const stage = plan(keyless, pace)
  assert.ok(stage.step === 'stage')
  const staged = take(stage, keyless.kept, { now, names, lifetimes: LIFETIMES })
  assert.equal(staged.leaf?.id, leaf.id)
  const later = now + 2 * 60 * 60 * 1000
  assert.deepEqual(
    wanted(staged, later).map(({ id }) => id),
    [staged.next?.id, authority.id],
  )
})

test('no certificate is served before its CA is in the caBundle', () => {
  const unserved: View = { ...view, serving: null, bundle: trusting() }
  assert.deepEqual(plan(unserved, pace), { step: 'publish', authorities: [authority] })
  const published: View = { ...unserved, bundle: trusting(authority) }
  assert.deepEqual(plan(published, pace), { step: 'serve', serving: { authority, leaf } })
})

test('a certificate is served even if the caBundle has extra CAs, which are removed next', () => {
  const crowded: View = { ...view, bundle: { authorities: [authority], trusted: [authority.id, 'foreign'] } }
  assert.equal(plan({ ...crowded, serving: null }, pace).step, 'serve')
  assert.deepEqual(plan(crowded, pace), { step: 'publish', authorities: [authority] })
})

test('without a webhook configuration nothing is published', () => {
  assert.equal(plan({ ...view, bundle: null, serving: null }, pace).step, 'serve')
  assert.equal(plan({ ...view, bundle: null }, pace).step, 'rest')
})

test('a certificate is renewed by the same CA when a third of its lifetime is left', () => {
  const due = leaf.notBefore + (2 / 3) * (leaf.notAfter - leaf.notBefore)
  assert.equal(plan({ ...view, now: due - 1 }, pace).step, 'rest')
  assert.deepEqual(plan({ ...view, now: due }, pace), { step: 'renew', authority, names })
})

test('a missing, expired or foreign certificate is renewed at once', () => {
  const foreign = issueLeaf(issueAuthority(now), names, now)
  const cases: readonly Partial<View>[] = [
    { kept: { ...kept, leaf: null } },
    { now: leaf.notAfter },
    { kept: { ...kept, leaf: foreign } },
  ]
  for (const change of cases)
    assert.deepEqual(plan({ ...view, ...change }, pace), { step: 'renew', authority, names })
})

test('a missing name is added to the others, so that replicas of two versions do not undo each other', () => {
  const renamed = plan({ ...view, names: ['127.0.0.1'] }, pace)
  assert.deepEqual(renamed, { step: 'renew', authority, names: ['webhook.system.svc', '127.0.0.1'] })
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
  assert.equal(plan(aged, pace).step, 'rest')
  assert.equal(plan({ ...aged, now: late + 1 }, pace).step, 'stage')
  const staged: View = { ...view, kept: { ...kept, next } }
  assert.deepEqual(plan(staged, pace), { step: 'publish', authorities: [authority, next] })
})

test('a new CA signs only after every API server had time to see it', () => {
  const staged: View = { ...view, kept: { ...kept, next }, bundle: trusting(next, authority) }
  assert.equal(plan({ ...staged, trustedForMs: 29_999 }, pace).step, 'rest')
  assert.deepEqual(plan({ ...staged, trustedForMs: 30_000 }, pace), { step: 'promote', next })
})

test('a successor that expired before its promotion is replaced', () => {
  const expired = issueAuthority(now - 2 * DAY_MS, { authority: DAY_MS, leaf: DAY_MS })
  const asked: View = { ...view, kept: { ...kept, next: expired, requested: 'ca' } }
  assert.equal(plan(asked, pace).step, 'stage')
})

test('an operator can request a new certificate or a new CA', () => {
  assert.equal(plan({ ...view, kept: { ...kept, requested: 'leaf' } }, pace).step, 'renew')
  assert.equal(plan({ ...view, kept: { ...kept, requested: 'ca' } }, pace).step, 'stage')
})

test('the successor of an expired CA is introduced as any other', () => {
  const late = authority.notAfter
  const successor = issueAuthority(late)
  const over: View = { ...view, now: late, kept: { ...kept, next: successor }, serving: null }
  assert.deepEqual(plan(over, pace), { step: 'publish', authorities: [successor] })
})

test('a completed step clears its request', () => {
  const making = { now, names, lifetimes: LIFETIMES }
  assert.equal(take({ step: 'stage', beside: [] }, { ...kept, requested: 'ca' }, making).requested, null)
  const renewal = { step: 'renew', authority, names } as const
  assert.equal(take(renewal, { ...kept, requested: 'leaf' }, making).requested, null)
  assert.equal(take(renewal, { ...kept, requested: 'ca' }, making).requested, 'ca')
})

test('the previous CA stays trusted for an hour after a promotion, without its key', () => {
  const promoted = take({ step: 'promote', next }, { ...kept, next }, { now, names, lifetimes: LIFETIMES })
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
    const successor = issueAuthority(now)
    const making = { now, names, lifetimes: LIFETIMES }
    many = take({ step: 'promote', next: successor }, { ...many, next: successor }, making)
  }
  assert.equal(stillTrusted(many, now).length, 3)
})

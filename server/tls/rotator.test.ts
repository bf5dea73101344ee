import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Replicas, verify } from './rotator.fixture.ts'
import { readKept } from './rotation-secret.ts'
import { parseBundle } from './webhook-bundle.ts'

const DAY_MS = 24 * 60 * 60 * 1000

test('three replicas that start at once agree on one CA and one certificate', async () => {
  const replicas = new Replicas(3)
  await replicas.reconcile(2)
  replicas.assertWell()
  assert.equal(new Set(replicas.installed).size, 1)
  assert.ok(
    replicas.outcomes.every((well) => well),
    'losing a race is not a problem',
  )
  assert.equal(replicas.trusted.length, 1)
})

test('a replica is not ready before its certificate can be verified', async () => {
  const replicas = new Replicas(1)
  const [rotator] = replicas.rotators
  assert.equal(rotator?.problem(), 'no serving certificate yet')
  replicas.store.down = true
  await replicas.reconcile()
  assert.equal(rotator?.problem(), 'cannot read ValidatingWebhookConfiguration webhook: connection refused')
  replicas.store.down = false
  await replicas.reconcile()
  assert.equal(rotator?.problem(), null)
})

test('readiness does not depend on the API server once a certificate is served, until it expires', async () => {
  const replicas = new Replicas(1)
  await replicas.reconcile(2)
  replicas.store.down = true
  await replicas.reconcile()
  const [rotator] = replicas.rotators
  assert.equal(rotator?.failure, 'cannot read ValidatingWebhookConfiguration webhook: connection refused')
  assert.deepEqual(replicas.outcomes, [true, true, false])
  assert.equal(rotator?.problem(), null)
  replicas.clock.at += 91 * DAY_MS
  assert.equal(rotator?.problem(), 'the serving certificate has expired')
})

test('over six years, certificates and the CA are replaced in time, once each', async () => {
  const replicas = new Replicas(2)
  await replicas.reconcile(2)
  const authorities = new Set<string | undefined>()
  for (let day = 0; day < 6 * 365; day += 20) {
    replicas.clock.at += 20 * DAY_MS
    await replicas.reconcile(4)
    replicas.assertWell()
    authorities.add(readKept(replicas.store.stored).authority?.id)
  }
  assert.equal(authorities.size, 2)
  // 6 years with a renewal every 60 days are 36, plus the first one. The new CA adds one.
  assert.ok(new Set(replicas.installed).size >= 36)
  assert.ok(new Set(replicas.installed).size <= 39)
})

test('a caBundle that was changed from outside is restored at the next reconciliation', async () => {
  const replicas = new Replicas(2)
  await replicas.reconcile(2)
  const before = replicas.trusted
  replicas.store.setBundle(undefined)
  await replicas.reconcile()
  assert.deepEqual(replicas.trusted, before)
  replicas.store.setBundle(Buffer.from('junk').toString('base64'))
  await replicas.reconcile()
  assert.deepEqual(replicas.trusted, before)
})

test('a Secret that was emptied is filled again with the same certificate', async () => {
  const replicas = new Replicas(2)
  await replicas.reconcile(2)
  const before = new Set(replicas.installed)
  replicas.store.empty()
  await replicas.reconcile(2)
  replicas.assertWell()
  assert.deepEqual(new Set(replicas.installed), before)
})

test('a deleted Secret is a problem that says what to do, and is filled with the same certificate once it is installed again', async () => {
  const replicas = new Replicas(2)
  await replicas.reconcile(2)
  const before = new Set(replicas.installed)
  replicas.store.secret = null
  await replicas.reconcile()
  const [rotator] = replicas.rotators
  assert.match(
    rotator?.failure ?? '',
    /"webhook-tls" not found\. Install it again, empty, as the chart does/u,
  )
  assert.equal(rotator?.problem(), null, 'it goes on serving')
  replicas.store.empty()
  await replicas.reconcile(2)
  replicas.assertWell()
  assert.deepEqual(new Set(replicas.installed), before)
})

test('a webhook in another process is verified throughout, even if the Secret is emptied and the rotators restart', async () => {
  const replicas = new Replicas(2)
  await replicas.reconcile(2)
  await replicas.readElsewhere()
  const before = replicas.elsewhere
  assert.ok(before !== null)
  replicas.store.empty()
  replicas.restart()
  for (let turn = 0; turn < 4; turn++) {
    await replicas.reconcile()
    assert.equal(await verify(before, replicas.bundle, 'webhook.system.svc'), null)
    for (const rotator of replicas.rotators)
      assert.equal(rotator.problem() === null, rotator.serving !== null)
  }
  replicas.assertWell()
  await replicas.readElsewhere()
  assert.notEqual(replicas.elsewhere?.id, before.id)
})

/** Events between two reconciliations. */
const happening = fc.constantFrom(
  'leaf',
  'ca',
  'caBundle lost',
  'secret emptied',
  'secret emptied, and all rotators restart',
  'outage',
  'a month',
  'nothing',
)

test('no sequence of events removes the CA of a served certificate from the caBundle', async () => {
  const run = fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (happenings) => {
    const replicas = new Replicas(3)
    await replicas.reconcile(2)
    await replicas.readElsewhere()
    const lost = recordLost(replicas)
    for (const what of happenings) {
      happen(replicas, what)
      await replicas.reconcile()
      replicas.store.down = false
      await replicas.reconcile(4)
      replicas.assertWell()
      await replicas.readElsewhere()
    }
    assert.deepEqual(lost, [])
  })
  await fc.assert(run, { numRuns: 20 })
})

function happen(replicas: Replicas, what: string): void {
  const { store, clock } = replicas
  if (what === 'leaf' || what === 'ca') store.annotate(what)
  if (what === 'caBundle lost') store.setBundle(undefined)
  if (what.startsWith('secret emptied')) store.empty()
  if (what.endsWith('restart')) replicas.restart()
  if (what === 'outage') store.down = true
  if (what === 'a month') clock.at += 30 * DAY_MS
}

/** Records every write that removes the CA of a served certificate from the caBundle. */
function recordLost(replicas: Replicas): readonly string[] {
  const { store } = replicas
  const lost: string[] = []
  const before = store.call.bind(store)
  store.call = async (call) => {
    const answer = await before(call)
    if (call.method !== 'PATCH' || !answer.ok) return answer
    const { trusted, pem } = parseBundle(answer.object)
    const { rotators, elsewhere, clock } = replicas
    for (const { serving } of rotators)
      if (serving !== null && !trusted.includes(serving.authority.id)) lost.push(serving.authority.id)
    const isAlive = elsewhere !== null && clock.serverNow() < elsewhere.notAfter
    if (isAlive && (await verify(elsewhere, pem, 'webhook.system.svc')) !== null) lost.push(elsewhere.id)
    return answer
  }
  return lost
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { DEFAULT_MINOR } from '../binaries/versions.ts'
import { called, listOf, only } from '../chart/objects.ts'
import { desired, rendered } from './desired.ts'
import { subjects } from './profiles.ts'

/** What pods and cert-manager write, and the chart must therefore not. */
function writtenByOthers(object: JsonObject): readonly string[] {
  const bundles = listOf(object['webhooks']).filter((webhook) =>
    Object.hasOwn(objectAt(webhook, 'clientConfig'), 'caBundle'),
  )
  return [
    ...(object['kind'] === 'Lease' ? ['is a Lease'] : []),
    ...(object['kind'] === 'Secret' && ('data' in object || 'stringData' in object) ? ['has data'] : []),
    ...bundles.map(() => 'has a caBundle'),
    ...('status' in object ? ['has a status'] : []),
    ...('creationTimestamp' in objectAt(object, 'metadata') ? ['has a creationTimestamp'] : []),
  ].map((what) => `${called(object)} ${what}`)
}

for (const { name, values } of await subjects()) {
  const rendering = { values, minor: DEFAULT_MINOR }
  test(`${name}: the chart renders the same bytes twice, and nothing that pods or cert-manager write`, async () => {
    assert.equal(await rendered(rendering), await rendered(rendering))
    const objects = await desired(rendering)
    const found = objects.flatMap(writtenByOthers)
    // with a Secret of the user, the CA is a value of the user, and nobody else writes it
    const isOwn = name === 'existing-secret'
    assert.deepEqual(
      found,
      isOwn ? [`${called(only(objects, 'ValidatingWebhookConfiguration'))} has a caBundle`] : [],
    )
  })
}

test('what pods write is found in a rendering', () => {
  const named = (kind: string, rest: JsonObject) => ({ kind, metadata: { name: 'x' }, ...rest })
  assert.deepEqual(writtenByOthers(named('Lease', {})), ['Lease x is a Lease'])
  assert.deepEqual(writtenByOthers(named('Secret', { data: {} })), ['Secret x has data'])
  const webhooks = [{ name: 'a', clientConfig: { caBundle: '' } }]
  assert.deepEqual(writtenByOthers(named('ValidatingWebhookConfiguration', { webhooks })), [
    'ValidatingWebhookConfiguration x has a caBundle',
  ])
})
